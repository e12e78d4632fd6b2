import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent } from 'undici';
import { z } from 'zod';
import { scratchFolder } from '../harness/run-folder.ts';
import { fetchThrough, type WayIn } from './way-in.ts';

/**
 * What stands before the gateway in most clusters: a proxy that ends TLS and does what an Ingress says. It serves the paths
 * of the Ingress and no others, and writes an access log as ingress-nginx does, with whole paths, but for those that the
 * annotation takes out of it. Nothing is buffered.
 */
export interface TlsProxy {
  /** `https://localhost:<port>` */
  readonly origin: string;
  readonly accessLog: string[];
  /** Trusts the proxy's certificate. */
  readonly dispatcher: Agent;
  readonly fetch: typeof fetch;
  /** From now on it serves what the Ingress says. */
  obey(ingress: unknown, way: Pick<WayIn, 'address' | 'port'>): void;
  close(): Promise<void>;
}

const Ingress = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({
    rules: z.array(
      z.object({
        host: z.string(),
        http: z.object({ paths: z.array(z.object({ path: z.string(), pathType: z.literal('Prefix') })) }),
      }),
    ),
  }),
});

export async function startTlsProxy(): Promise<TlsProxy> {
  const { key, certificate } = await selfSigned();
  const accessLog: string[] = [];
  let ingress: z.infer<typeof Ingress> | undefined;
  let target: Pick<WayIn, 'address' | 'port'> | undefined;

  const server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const host = (incoming.headers.host ?? '').replace(/:\d+$/, '');
    const prefixes = ingress?.spec.rules.filter((rule) => rule.host === host).flatMap((rule) => rule.http.paths) ?? [];
    const served = prefixes.some((prefix) => path === prefix.path || path.startsWith(`${prefix.path}/`));
    const silent = ingress?.metadata.annotations['nginx.ingress.kubernetes.io/enable-access-log'] === 'false';
    const log = (status: number): void => {
      if (!(served && silent)) accessLog.push(`"${incoming.method} ${path} HTTP/1.1" ${status}`);
    };
    if (!served || target === undefined) {
      log(404);
      outgoing.writeHead(404).end();
      return;
    }
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https' };
    const onwards = httpRequest({ host: target.address, port: target.port, method: incoming.method, path, headers });
    onwards.on('response', (answer) => {
      log(answer.statusCode ?? 0);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onwards.on('error', () => {
      log(502);
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
    incoming.pipe(onwards);
    outgoing.on('close', () => onwards.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const dispatcher = new Agent({ connect: { ca: certificate } });
  return {
    origin: `https://localhost:${address.port}`,
    accessLog,
    dispatcher,
    fetch: fetchThrough(dispatcher),
    obey(object, way) {
      ingress = Ingress.parse(object);
      target = way;
    },
    async close() {
      await dispatcher.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function selfSigned(): Promise<{ key: Buffer; certificate: Buffer }> {
  const folder = await mkdtemp(join(scratchFolder(), 'tls-proxy-'));
  const files = { key: join(folder, 'tls.key'), certificate: join(folder, 'tls.crt') };
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await promisify(execFile)('openssl', ['req', ...kind, ...names, '-keyout', files.key, '-out', files.certificate]);
  return { key: readFileSync(files.key), certificate: readFileSync(files.certificate) };
}
