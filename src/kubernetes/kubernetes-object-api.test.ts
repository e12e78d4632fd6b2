import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { FakeClock, systemClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { type Secret, secretType } from './core-types.ts';
import {
  createKubernetesObjectApi,
  type KubernetesApiOptions,
  type KubernetesObjectApi,
} from './kubernetes-object-api.ts';
import type { WatchEvent } from './object-api.ts';

/** What the conformance suite cannot see: how it speaks, and what it does when the server does not. */
const folder = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const TOKEN = 'a-token-nobody-may-see';

async function start(
  handler: Handler,
  options: Partial<KubernetesApiOptions> & { user?: object } = {},
): Promise<KubernetesObjectApi> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { user = { token: TOKEN }, ...given } = options;
  const kubeconfig = join(folder, `config-${port}`);
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}/prefix` } }],
      users: [{ name: 'x', user }],
    }),
  );
  const api = createKubernetesObjectApi({ clock: systemClock, logger: silentLogger, kubeconfig, ...given });
  closers.push(async () => {
    await api.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return api;
}

const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'ns' } };
const reference = { namespace: 'ns', name: 'a' };

function answer(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function events(watch: AsyncIterable<WatchEvent<Secret>>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of watch) seen.push(event.type);
  return seen;
}

describe('requests', () => {
  test('carry method, path, media type, field manager and credentials as the API wants them', async () => {
    const seen: string[] = [];
    const api = await start((request, response, body) => {
      const { method, url, headers } = request;
      seen.push(`${method} ${url} ${headers['content-type'] ?? '-'} ${headers.authorization} ${body}`);
      answer(response, 200, secret);
    });
    await api.get(secretType, reference);
    await api.create(secretType, secret);
    await api.replace(secretType, secret, { fieldManager: 'me' });
    await api.apply(secretType, secret, { fieldManager: 'me', force: true, subresource: 'status' });
    await api.mergePatch(secretType, reference, { data: null });
    await api.jsonPatch(secretType, reference, [{ op: 'remove', path: '/data' }], { subresource: 'status' });
    await api.delete(secretType, reference, { uid: 'u' });
    const path = '/prefix/api/v1/namespaces/ns/secrets';
    const json = JSON.stringify(secret);
    const bearer = `Bearer ${TOKEN}`;
    const manager = 'fieldManager=crisp-mcp-operator';
    expect(seen).toEqual([
      `GET ${path}/a - ${bearer} `,
      `POST ${path}?${manager} application/json ${bearer} ${json}`,
      `PUT ${path}/a?fieldManager=me application/json ${bearer} ${json}`,
      `PATCH ${path}/a/status?fieldManager=me&force=true application/apply-patch+yaml ${bearer} ${json}`,
      `PATCH ${path}/a?${manager} application/merge-patch+json ${bearer} {"data":null}`,
      `PATCH ${path}/a/status?${manager} application/json-patch+json ${bearer} [{"op":"remove","path":"/data"}]`,
      `DELETE ${path}/a application/json ${bearer} {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"}}`,
    ]);
  });

  test('ask for metadata alone in the form of lists and of watches', async () => {
    const accepted: (string | undefined)[] = [];
    const api = await start((request, response) => {
      accepted.push(request.headers.accept);
      answer(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
    });
    await api.list(secretType, { metadataOnly: true });
    await events(api.watch(secretType, { metadataOnly: true, resourceVersion: '1', timeoutSeconds: 1 })).catch(
      () => [],
    );
    expect(accepted).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ]);
  });

  test('do not exceed their rate', async () => {
    const clock = new FakeClock();
    let count = 0;
    const handler: Handler = (_, response) => {
      count += 1;
      answer(response, 200, secret);
    };
    const api = await start(handler, { clock, rate: { perSecond: 1, burst: 2 } });
    await Promise.all([api.get(secretType, reference), api.get(secretType, reference)]);
    const third = api.get(secretType, reference);
    await clock.advanceAsync(900);
    expect(count).toBe(2);
    await clock.advanceAsync(100);
    await third;
    expect(count).toBe(3);
  });

  test('do not leave when they are no longer allowed once their turn has come', async () => {
    const clock = new FakeClock();
    const seen: (string | undefined)[] = [];
    const handler: Handler = (request, response) => {
      seen.push(request.method);
      answer(response, 200, secret);
    };
    const api = await start(handler, { clock, rate: { perSecond: 1, burst: 1 } });
    await api.get(secretType, reference);
    let leads = true;
    const assertAllowed = () => {
      if (!leads) throw new Error('no longer');
    };
    const creation = expect(api.create(secretType, secret, { assertAllowed })).rejects.toThrow('no longer');
    leads = false;
    await clock.advanceAsync(1_000);
    await creation;
    expect(seen).toEqual(['GET']);
  });
});

describe('failures', () => {
  test('a server that never answers is Unreachable after the time-out', async () => {
    const api = await start(() => undefined, { requestTimeoutMs: 50 });
    await expect(api.get(secretType, reference)).rejects.toMatchObject({
      reason: 'Unreachable',
      status: 0,
      message: 'GET /api/v1/namespaces/ns/secrets/a: no answer within 50 ms',
    });
  });

  test('a server that is not there is Unreachable at once', async () => {
    const api = await start((request) => request.socket.destroy());
    await expect(api.get(secretType, reference)).rejects.toMatchObject({ reason: 'Unreachable', status: 0 });
  });

  test('the caller’s signal ends a list', async () => {
    const api = await start(() => undefined);
    const list = api.list(secretType, { signal: AbortSignal.timeout(20) });
    await expect(list).rejects.toMatchObject({ reason: 'Unreachable', message: expect.stringContaining('cancelled') });
  });

  test('429 carries the wait the server asks for; nothing is retried', async () => {
    let count = 0;
    const api = await start((_, response) => {
      count += 1;
      answer(response, 429, { kind: 'Status', message: 'slow down' }, { 'retry-after': '4' });
    });
    await expect(api.get(secretType, reference)).rejects.toMatchObject({
      reason: 'TooManyRequests',
      retryAfterSeconds: 4,
    });
    expect(count).toBe(1);
  });

  test('neither token nor body is in the error, whatever the server answers', async () => {
    const data = { token: 'Ym9keS1zZWNyZXQ=' };
    for (const status of [400, 401, 403, 409, 422, 500, 503]) {
      const api = await start((_, response, body) => answer(response, status, { echoed: body }));
      const error = await api.create(secretType, { ...secret, data }).catch((caught: Error) => caught);
      const text = `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`;
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(data.token);
    }
  });

  test('an answer that is no object of the kind is an error', async () => {
    const api = await start((_, response) => answer(response, 200, { hello: 'world' }));
    await expect(api.get(secretType, reference)).rejects.toMatchObject({ reason: 'InternalError' });
    await expect(api.list(secretType)).rejects.toMatchObject({ reason: 'InternalError' });
  });
});

describe('watches', () => {
  const added = `${JSON.stringify({ type: 'ADDED', object: secret })}\n`;
  const options = { resourceVersion: '1', timeoutSeconds: 60 };

  test('yield what has come before the server cut the connection, then Unreachable', async () => {
    const api = await start((_, response) => {
      response.write(added);
      setImmediate(() => response.destroy());
    });
    const seen: string[] = [];
    const read = async () => {
      for await (const event of api.watch(secretType, options)) seen.push(event.type);
    };
    await expect(read()).rejects.toMatchObject({ reason: 'Unreachable' });
    expect(seen).toEqual(['ADDED']);
  });

  test('answered with an HTTP error fail with it', async () => {
    const api = await start((_, response) => answer(response, 410, { kind: 'Status', message: 'gone' }));
    await expect(events(api.watch(secretType, options))).rejects.toMatchObject({ reason: 'Expired', message: 'gone' });
  });

  test('whose headers never come fail after the time-out of a request', async () => {
    const api = await start(() => undefined, { requestTimeoutMs: 50 });
    await expect(events(api.watch(secretType, options))).rejects.toMatchObject({ reason: 'Unreachable' });
  });

  test('that the server forgets to end are ended half a minute late', async () => {
    const clock = new FakeClock();
    const api = await start((_, response) => response.write(added), { clock });
    const seen: string[] = [];
    const read = async () => {
      for await (const event of api.watch(secretType, options)) {
        seen.push(event.type);
        clock.advance(90_000);
      }
    };
    await expect(read()).rejects.toMatchObject({ reason: 'Unreachable' });
    expect(seen).toEqual(['ADDED']);
  });

  test('close their connection when the reader leaves', async () => {
    const closed = Promise.withResolvers<void>();
    const api = await start((request, response) => {
      request.socket.once('close', () => closed.resolve());
      response.write(added);
    });
    for await (const event of api.watch(secretType, options)) {
      expect(event.type).toBe('ADDED');
      break;
    }
    await closed.promise;
  });
});

describe('credentials', () => {
  const bearerOf =
    (seen: (string | undefined)[]): Handler =>
    (request, response) => {
      seen.push(request.headers.authorization);
      answer(response, seen.length === 1 ? 401 : 200, secret);
    };

  test('a plug-in is asked for a token once, and again after a refusal', async () => {
    const plugin = join(folder, 'plugin.sh');
    const counter = join(folder, 'plugin-calls');
    writeFileSync(counter, '');
    writeFileSync(
      plugin,
      `#!/bin/sh
printf x >> ${counter}
echo '{"kind":"ExecCredential","status":{"token":"issued-'$(wc -c < ${counter} | tr -d ' ')'"}}'
`,
    );
    chmodSync(plugin, 0o755);
    const seen: (string | undefined)[] = [];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin };
    const api = await start(bearerOf(seen), { user: { exec } });
    await expect(api.get(secretType, reference)).rejects.toMatchObject({ reason: 'Unauthorized' });
    await api.get(secretType, reference);
    await api.get(secretType, reference);
    expect(seen).toEqual(['Bearer issued-1', 'Bearer issued-2', 'Bearer issued-2']);
  });

  test('a plug-in that hangs is Unreachable after the time-out', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['2'] };
    const api = await start(() => undefined, { user: { exec }, requestTimeoutMs: 50 });
    await expect(api.get(secretType, reference)).rejects.toMatchObject({ reason: 'Unreachable' });
  });

  test('a token file is read again after a refusal', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'first');
    const seen: (string | undefined)[] = [];
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
    const api = await start(bearerOf(seen), { user });
    await expect(api.get(secretType, reference)).rejects.toMatchObject({ reason: 'Unauthorized' });
    writeFileSync(tokenFile, 'second');
    await api.get(secretType, reference);
    expect(seen).toEqual(['Bearer first', 'Bearer second']);
  });

  test('basic authentication is sent as such', async () => {
    const seen: (string | undefined)[] = [];
    const api = await start(bearerOf(seen), { user: { username: 'u', password: 'p' } });
    await api.get(secretType, reference).catch(() => undefined);
    expect(seen).toEqual([`Basic ${Buffer.from('u:p').toString('base64')}`]);
  });
});
