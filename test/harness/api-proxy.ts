import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { ControlPlaneInfo } from './control-plane.ts';
import type { WriteProxy } from './redis-proxy.ts';
import type { WriteTrap } from './write-trap.ts';

/**
 * Stands between one process and the API server and shows each write to a {@link WriteTrap} before it goes on, and its
 * answer before it is heard. Plain HTTP on this side: tokens pass through. Reads and watches stream. A write that was
 * sent on is finished even if the process that sent it is gone, as on a real network.
 */
export async function startApiProxy(target: ControlPlaneInfo, trap: WriteTrap): Promise<WriteProxy> {
  const dispatcher = new Agent({
    connect: { ca: readFileSync(target.caFile) },
    headersTimeout: 60_000,
    bodyTimeout: 0,
    keepAliveTimeout: 5_000,
  });
  const serve = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    isWrite(request)
      ? passWrite({ dispatcher, origin: target.url, trap }, request, response)
      : passRead(dispatcher, target.url, request, response);
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await dispatcher.destroy();
    },
  };
}

function isWrite({ method }: IncomingMessage): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';
}

async function passRead(
  dispatcher: Dispatcher,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await dispatcher.request({
    origin,
    path: request.url ?? '/',
    method: 'GET',
    headers: headersOf(request),
    signal: gone.signal,
  });
  response.writeHead(answer.statusCode, forwarded(answer.headers));
  response.flushHeaders();
  for await (const piece of answer.body) response.write(piece);
  response.end();
}

async function passWrite(
  to: { dispatcher: Dispatcher; origin: string; trap: WriteTrap },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  const body = Buffer.concat(pieces);
  const write = await to.trap.admit('api', writeName(request, body));
  if (write === undefined) {
    response.destroy();
    return;
  }
  const answer = await to.dispatcher.request({
    origin: to.origin,
    path: request.url ?? '/',
    method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']).parse(request.method),
    headers: headersOf(request),
    body,
  });
  const text = Buffer.from(await answer.body.arrayBuffer());
  if (!to.trap.answered(write, String(answer.statusCode))) {
    response.destroy();
    return;
  }
  response.writeHead(answer.statusCode, forwarded(answer.headers));
  response.end(text);
}

const Named = z.object({ metadata: z.object({ name: z.string() }), reason: z.string().optional() });

/** `PATCH crispmcpservers/support/status`; of an event, whose name is random, its reason. */
function writeName(request: IncomingMessage, body: Buffer): string {
  const path = new URL(request.url ?? '/', 'http://any').pathname;
  const [, , plural = path, name, subresource] =
    /\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/(.+))?$/.exec(path) ?? [];
  if (plural === 'events') return `${request.method} events/${named(body)?.reason ?? 'series'}`;
  const object = name ?? named(body)?.metadata.name ?? '';
  return `${request.method} ${[plural, object, subresource].filter((part) => part !== undefined).join('/')}`;
}

function named(body: Buffer): z.infer<typeof Named> | undefined {
  try {
    return Named.safeParse(JSON.parse(body.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length', 'upgrade']);

function headersOf(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function forwarded(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).filter(([name, value]) => !HOP_BY_HOP.has(name) && value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
