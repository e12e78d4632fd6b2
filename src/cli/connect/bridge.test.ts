import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../../process/clock.ts';
import { runBridge } from './bridge.ts';
import { eventData } from './event-reader.ts';
import { headersFor, readMessage } from './message.ts';

interface Posted {
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what was posted
  readonly message: any;
}
type Answering = (posted: Posted, response: ServerResponse, request: IncomingMessage) => void;

/** A clock on which a second lasts ten milliseconds, so that waiting is tested and not waited for. */
const QUICK: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 100,
  setTimer: (milliseconds, callback) => systemClock.setTimer(milliseconds / 100, callback),
};

function listen(answering: Answering, port = 0): Promise<{ server: Server; port: number; posted: Posted[] }> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const one = { headers: request.headers, message: JSON.parse(body) };
      posted.push(one);
      answering(one, response, request);
    });
  });
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve({ server, port: portOf(server.address()), posted }));
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function startBridge(port: number, patience = 1_000_000) {
  const input = new PassThrough();
  const output = new PassThrough();
  const told: string[] = [];
  const lines: string[] = [];
  const abort = new AbortController();
  createInterface({ input: output }).on('line', (line) => lines.push(line));
  const ended = runBridge({
    url: new URL(`http://127.0.0.1:${port}/mcp/secret`),
    headers: {},
    input,
    output,
    clock: QUICK,
    tell: (line) => told.push(line),
    signal: abort.signal,
    patience,
  });
  onTestFinished(() => abort.abort());
  return {
    send: (message: unknown) => input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    lines,
    told,
    ended,
    endInput: () => input.end(),
    line: (index: number) =>
      expect
        .poll(() => lines[index])
        .toBeDefined()
        .then(() => JSON.parse(lines[index] ?? '')),
  };
}

const reply = (response: ServerResponse, message: unknown, status = 200, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(message));
const echo = ({ message }: Pick<Posted, 'message'>, response: ServerResponse) =>
  message.id === undefined
    ? response.writeHead(202).end()
    : reply(response, { jsonrpc: '2.0', id: message.id, result: { method: message.method } });
const request = (method: string, id: number | string = 1, params: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

describe('the bridge', () => {
  test('carries each message to the URL and each answer back, untouched', async () => {
    const text = '{"jsonrpc":"2.0","id":1,"result":{"big":12345678901234567890,"text":"Grüße 😀"}}';
    const { port, posted } = await listen((_posted, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    );
    const bridge = startBridge(port);
    bridge.send(request('tools/list'));
    await bridge.line(0);
    expect(bridge.lines).toEqual([text]);
    expect(posted[0]?.headers).toMatchObject({ accept: 'application/json, text/event-stream' });
  });

  test('puts the negotiated version on what follows, and no answer to notifications', async () => {
    const { port, posted } = await listen(({ message }, response) =>
      message.method === 'initialize'
        ? reply(response, { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-06-18' } })
        : echo({ message }, response),
    );
    const bridge = startBridge(port);
    bridge.send(request('initialize'));
    await bridge.line(0);
    bridge.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    bridge.send(request('ping', 2));
    await bridge.line(1);
    await expect.poll(() => posted).toHaveLength(3);
    expect(posted.map(({ headers }) => headers['mcp-protocol-version'])).toEqual([
      undefined,
      '2025-06-18',
      '2025-06-18',
    ]);
    expect(bridge.lines).toHaveLength(2);
  });

  test('gives an error about the whole URL the id of the request', async () => {
    const { port } = await listen((_posted, response) =>
      reply(response, { jsonrpc: '2.0', id: null, error: { code: 404, message: 'Unknown, expired or revoked.' } }, 404),
    );
    const bridge = startBridge(port);
    bridge.send(request('tools/list', 'seven'));
    expect(await bridge.line(0)).toMatchObject({
      id: 'seven',
      error: { code: 404, message: 'Unknown, expired or revoked.' },
    });
  });

  test('says what a proxy answered', async () => {
    const { port } = await listen((_posted, response) => response.writeHead(502).end('<html>'));
    const bridge = startBridge(port);
    bridge.send(request('tools/list'));
    expect(await bridge.line(0)).toMatchObject({ id: 1, error: { code: 502 } });
  });

  test('a line that is no JSON is an error in the protocol', async () => {
    const { port } = await listen(echo);
    const bridge = startBridge(port);
    bridge.send('nonsense');
    bridge.send('');
    expect(await bridge.line(0)).toMatchObject({ id: null, error: { code: -32700 } });
  });

  test('waits for a server that is not there yet', async () => {
    const first = await listen(echo);
    await new Promise((resolve) => first.server.close(resolve));
    const bridge = startBridge(first.port);
    bridge.send(request('tools/call'));
    await expect.poll(() => bridge.told.join()).toContain('ECONNREFUSED');
    await listen(echo, first.port);
    expect(await bridge.line(0)).toMatchObject({ id: 1, result: { method: 'tools/call' } });
    expect(bridge.told.join()).not.toContain('secret');
  });

  test('gives up on it in the end, and says that nothing was executed', async () => {
    const { server, port } = await listen(echo);
    await new Promise((resolve) => server.close(resolve));
    const bridge = startBridge(port, 10_000);
    bridge.send(request('tools/call'));
    expect(await bridge.line(0)).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('Nothing was executed') },
    });
  });

  test('repeats what a gateway was not ready for', async () => {
    let asked = 0;
    const { port } = await listen((posted, response) => {
      asked += 1;
      if (asked < 3) reply(response, { jsonrpc: '2.0', id: null, error: { code: 503 } }, 503, { 'retry-after': '1' });
      else echo(posted, response);
    });
    const bridge = startBridge(port);
    bridge.send(request('tools/call'));
    expect(await bridge.line(0)).toMatchObject({ result: { method: 'tools/call' } });
    expect(asked).toBe(3);
  });

  test('passes on a long wait instead of waiting', async () => {
    const { port, posted } = await listen((_posted, response) =>
      reply(response, { jsonrpc: '2.0', id: null, error: { code: 503, message: 'account' } }, 503, {
        'retry-after': '30',
      }),
    );
    const bridge = startBridge(port);
    bridge.send(request('tools/list'));
    expect(await bridge.line(0)).toMatchObject({ id: 1, error: { code: 503 } });
    expect(posted).toHaveLength(1);
  });

  test('never sends a call twice that may have been executed, but reads again', async () => {
    let asked = 0;
    const { port } = await listen((posted, response, incoming) => {
      asked += 1;
      if (asked <= 2) incoming.socket.destroy();
      else echo(posted, response);
    });
    const bridge = startBridge(port);
    bridge.send(request('tools/call'));
    expect(await bridge.line(0)).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('unknown whether') },
    });
    bridge.send(request('tools/list', 2));
    expect(await bridge.line(1)).toMatchObject({ id: 2, result: { method: 'tools/list' } });
  });

  test('a cancellation closes the request and is not answered', async () => {
    const closed = Promise.withResolvers<void>();
    const { port, posted } = await listen((_posted, response) => response.on('close', () => closed.resolve()));
    const bridge = startBridge(port);
    bridge.send(request('tools/call', 'c'));
    await expect.poll(() => posted).toHaveLength(1);
    bridge.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c' } });
    await closed.promise;
    expect([bridge.lines, posted.length]).toEqual([[], 1]);
  });

  test('waits for answers when its input has ended, then ends', async () => {
    const held = Promise.withResolvers<ServerResponse>();
    const { port } = await listen((_posted, response) => held.resolve(response));
    const bridge = startBridge(port);
    bridge.send(request('tools/list'));
    bridge.endInput();
    reply(await held.promise, { jsonrpc: '2.0', id: 1, result: {} });
    await bridge.ended;
    expect(bridge.lines).toHaveLength(1);
  });
});

describe('the stream of news', () => {
  const ACK = 'notifications/subscriptions/acknowledged';
  const event = (message: object) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
  const acknowledged = (notifications: object) => event({ method: ACK, params: { notifications, _meta: { sub: 1 } } });
  const open = (response: ServerResponse, notifications: object = { toolsListChanged: true }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(acknowledged(notifications));
  };

  test('is opened again when it breaks, acknowledged once, and whatever may have changed is announced', async () => {
    const streams: ServerResponse[] = [];
    const { port } = await listen((_posted, response) => {
      streams.push(response);
      open(response);
    });
    const bridge = startBridge(port);
    bridge.send(request('subscriptions/listen', 'l'));
    expect(await bridge.line(0)).toMatchObject({ method: ACK });
    streams[0]?.write(': alive\n\n');
    streams[0]?.destroy();
    expect(await bridge.line(1)).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: { _meta: { sub: 1 } },
    });
    streams[1]?.end(event({ id: 'l', result: {} }));
    expect(await bridge.line(2)).toMatchObject({ method: 'notifications/tools/list_changed' });
    streams[2]?.write(event({ method: 'notifications/tools/list_changed', params: { real: true } }));
    expect(await bridge.line(3)).toMatchObject({ params: { real: true } });
    expect(bridge.lines).toHaveLength(4);
  });

  test('ends when the URL is dead, with the error of the URL', async () => {
    let asked = 0;
    const { port } = await listen((_posted, response) => {
      asked += 1;
      if (asked > 1) return reply(response, { jsonrpc: '2.0', id: null, error: { code: 404, message: 'gone' } }, 404);
      open(response);
      return response.end();
    });
    const bridge = startBridge(port);
    bridge.send(request('subscriptions/listen', 'l'));
    expect(await bridge.line(1)).toMatchObject({ id: 'l', error: { code: 404 } });
  });

  test('that grants nothing is not opened again', async () => {
    const { port, posted } = await listen((_posted, response) => {
      open(response, {});
      response.end(event({ id: 'l', result: { resultType: 'complete' } }));
    });
    const bridge = startBridge(port);
    bridge.send(request('subscriptions/listen', 'l'));
    expect(await bridge.line(1)).toMatchObject({ id: 'l', result: { resultType: 'complete' } });
    expect(posted).toHaveLength(1);
  });

  test('does not keep the bridge when its input has ended', async () => {
    const { port } = await listen((_posted, response) => open(response));
    const bridge = startBridge(port);
    bridge.send(request('subscriptions/listen', 'l'));
    await bridge.line(0);
    bridge.endInput();
    await bridge.ended;
  });
});

describe('what the protocol wants beside the body', () => {
  const meta = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } };
  test.each([
    ['nothing before a version is negotiated', request('ping'), undefined, {}],
    ['the negotiated version', request('ping'), '2025-11-25', { 'mcp-protocol-version': '2025-11-25' }],
    ['none on initialize', request('initialize'), '2025-11-25', {}],
    [
      "a modern message's own version, method and name",
      request('tools/call', 1, { name: 'list_things', ...meta }),
      '2025-11-25',
      { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'list_things' },
    ],
    [
      'a name that a header cannot carry, in Base64',
      request('resources/read', 1, { uri: 'crisp://ü', ...meta }),
      undefined,
      { 'mcp-method': 'resources/read', 'mcp-name': '=?base64?Y3Jpc3A6Ly/DvA==?=' },
    ],
  ])('%s', (_what, message, negotiated, expected) => {
    expect(headersFor(readMessage(message), negotiated)).toMatchObject(expected);
    if (Object.keys(expected).length === 0) expect(headersFor(readMessage(message), negotiated)).toEqual({});
  });

  test('events are read however they are cut', async () => {
    const text = 'event: message\ndata: {"a":1}\n\n: comment\n\ndata: {"b":\ndata: 2}\r\n\r\n';
    for (const size of [1, 2, 3, 7, 1_000]) {
      const bytes = Buffer.from(text);
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, piece) =>
        bytes.subarray(piece * size, (piece + 1) * size),
      );
      const read: string[] = [];
      for await (const data of eventData(ReadableStream.from(pieces))) read.push(data);
      expect(read).toEqual(['{"a":1}', '{"b":\n2}']);
    }
  });
});
