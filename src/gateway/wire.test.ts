import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { success, TOKEN, token, tool } from './fakes.ts';
import { modern, rpc, type SendOptions, startFixture } from './gateway-fixture.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PING = JSON.stringify(rpc('ping'));

describe('what a URL answers over HTTP', () => {
  const rows: { name: string; send: SendOptions; status: number; header?: [string, string] }[] = [
    { name: 'a ping', send: { headers: JSON_TYPE, body: PING }, status: 200 },
    { name: 'a trailing slash', send: { path: `/mcp/${TOKEN}/`, headers: JSON_TYPE, body: PING }, status: 200 },
    { name: 'a query string', send: { path: `/mcp/${TOKEN}?a=b`, headers: JSON_TYPE, body: PING }, status: 200 },
    {
      name: 'the token as bearer',
      send: { path: '/mcp', headers: { ...JSON_TYPE, authorization: `Bearer ${TOKEN}` }, body: PING },
      status: 200,
    },
    {
      name: 'the token as bearer, in another case and with a slash',
      send: { path: '/mcp/', headers: { ...JSON_TYPE, authorization: `bearer ${TOKEN}` }, body: PING },
      status: 200,
    },
    { name: '/mcp without a bearer', send: { path: '/mcp', headers: JSON_TYPE, body: PING }, status: 404 },
    { name: 'Accept missing', send: { headers: JSON_TYPE, body: PING }, status: 200 },
    { name: 'Accept */*', send: { headers: { ...JSON_TYPE, accept: '*/*' }, body: PING }, status: 200 },
    {
      name: 'Accept JSON only',
      send: { headers: { ...JSON_TYPE, accept: 'application/json' }, body: PING },
      status: 200,
    },
    {
      name: 'Accept SSE only',
      send: { headers: { ...JSON_TYPE, accept: 'text/event-stream' }, body: PING },
      status: 200,
    },
    {
      name: 'a content type with a charset',
      send: { headers: { 'content-type': 'Application/JSON; charset=utf-8' }, body: PING },
      status: 200,
    },
    { name: 'no content type', send: { body: PING }, status: 415 },
    { name: 'text/plain', send: { headers: { 'content-type': 'text/plain' }, body: PING }, status: 415 },
    {
      name: 'a form',
      send: { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: PING },
      status: 415,
    },
    {
      name: 'a compressed body',
      send: { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: PING },
      status: 415,
    },
    { name: 'no JSON', send: { headers: JSON_TYPE, body: '{"jsonrpc"' }, status: 400 },
    { name: 'no body', send: { headers: JSON_TYPE }, status: 400 },
    { name: 'GET', send: { method: 'GET' }, status: 405, header: ['allow', 'POST, OPTIONS'] },
    { name: 'GET for SSE', send: { method: 'GET', headers: { accept: 'text/event-stream' } }, status: 405 },
    { name: 'DELETE', send: { method: 'DELETE' }, status: 405, header: ['allow', 'POST, OPTIONS'] },
    { name: 'PUT', send: { method: 'PUT', headers: JSON_TYPE, body: PING }, status: 405 },
    { name: 'HEAD', send: { method: 'HEAD' }, status: 405, header: ['allow', 'POST, OPTIONS'] },
    { name: 'HEAD of a dead URL', send: { method: 'HEAD', path: `/mcp/${token(9)}` }, status: 404 },
    { name: 'OPTIONS', send: { method: 'OPTIONS' }, status: 204 },
    { name: 'the root', send: { method: 'GET', path: '/' }, status: 404 },
    { name: 'a well-known', send: { method: 'GET', path: '/.well-known/oauth-protected-resource' }, status: 404 },
    {
      name: 'a well-known with the path in it',
      send: { method: 'GET', path: `/.well-known/oauth-authorization-server/mcp/${TOKEN}` },
      status: 404,
    },
    {
      name: 'a well-known appended to the URL',
      send: { method: 'GET', path: `/mcp/${TOKEN}/.well-known/openid-configuration` },
      status: 404,
    },
  ];
  test.each(rows)('$name → $status', async ({ send, status, header }) => {
    await using fixture = await startFixture();
    const reply = await fixture.send(send);
    expect(reply.status).toBe(status);
    if (header !== undefined) expect(reply.headers[header[0]]).toBe(header[1]);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers['referrer-policy']).toBe('no-referrer');
    expect(reply.headers.location).toBeUndefined();
  });

  test.each([
    ['an unknown token', `/mcp/${token(1)}`],
    ['a short one', '/mcp/abc'],
    ['an empty one', '/mcp//'],
    ['..', '/mcp/..'],
    ['../ before a live token', `/mcp/../mcp/${TOKEN}`],
    ['%2e%2e', '/mcp/%2e%2e'],
    ['an encoded live token', `/mcp/%54${TOKEN.slice(1)}`],
    ['an encoded slash after it', `/mcp/${TOKEN}%2f`],
    ['two slashes after it', `/mcp/${TOKEN}//`],
    ['a part after it', `/mcp/${TOKEN}/x`],
    ['a semicolon', `/mcp/${TOKEN};a=b`],
    ['a null byte', `/mcp/${TOKEN}%00`],
    ['a backslash', `/mcp\\${TOKEN}`.replace('/mcp\\', '/mcp/\\')],
    ['10 kB', `/mcp/${'a'.repeat(10_000)}`],
  ])('%s is the same 404, byte for byte', async (_name, path) => {
    await using fixture = await startFixture();
    const unknown = await fixture.send({ path: `/mcp/${token(5)}`, headers: JSON_TYPE, body: PING });
    const reply = await fixture.send({ path, headers: JSON_TYPE, body: PING });
    const { date: _one, ...headers } = reply.headers;
    const { date: _other, ...same } = unknown.headers;
    expect([reply.status, headers, reply.text]).toEqual([404, same, unknown.text]);
    expect(reply.json.error.message).toMatch(/unknown, expired or revoked/);
    expect(fixture.caller.calls).toEqual([]);
  });

  test('revoked and expired URLs are that 404 too', async () => {
    await using fixture = await startFixture();
    const unknown = await fixture.send({ path: `/mcp/${token(5)}`, headers: JSON_TYPE, body: PING });
    fixture.reader.revoke(TOKEN);
    expect((await fixture.post(rpc('ping'))).text).toBe(unknown.text);
  });

  test.each([
    ['Content-Length beyond the limit', (body: string) => ({ 'content-length': Buffer.byteLength(body) })],
    ['chunks beyond the limit', () => ({ 'transfer-encoding': 'chunked' })],
  ])('%s → 413', async (_name, headers) => {
    await using fixture = await startFixture();
    const body = JSON.stringify(rpc('ping', { padding: 'x'.repeat(4 * 2 ** 20) }));
    const reply = await fixture.send({ headers: { ...JSON_TYPE, ...headers(body) }, body });
    expect(reply.status).toBe(413);
    expect(reply.json.error.message).toMatch(/4194304 bytes/);
  });

  test('a body of just the limit is read', async () => {
    await using fixture = await startFixture({ config: { http: { maxBodyBytes: PING.length } } });
    expect((await fixture.send({ headers: JSON_TYPE, body: PING })).status).toBe(200);
    expect((await fixture.send({ headers: JSON_TYPE, body: `${PING} ` })).status).toBe(413);
  });

  test('a body of several chunks is read whole', async () => {
    await using fixture = await startFixture();
    const reply = await fixture.post(rpc('ping', { padding: 'ü'.repeat(500_000) }, 'big'));
    expect(reply.json).toEqual({ jsonrpc: '2.0', result: {}, id: 'big' });
  });

  test('an unavailable account is 503 with Retry-After and a sentence', async () => {
    await using fixture = await startFixture();
    fixture.reader.accounts.clear();
    const reply = await fixture.post(rpc('ping'));
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '30']);
    expect(reply.json.error.message).toMatch(/Crisp account/);
  });

  test('a stale store is 503 with Retry-After', async () => {
    await using fixture = await startFixture();
    await fixture.post(rpc('ping'));
    fixture.reader.stale = 5_001;
    const reply = await fixture.post(rpc('ping'));
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '2']);
  });
});

describe('Host and Origin', () => {
  const config = { publicHosts: ['mcp.example.com', '127.0.0.1'], allowedOrigins: ['https://playground.example'] };
  test.each([
    [{ host: 'mcp.example.com' }, 200],
    [{ host: 'MCP.example.com:8443' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: 'mcp.example.com.evil.example' }, 403],
    [{ host: 'mcp.example.com', origin: 'https://playground.example' }, 200],
    [{ host: 'mcp.example.com', origin: 'https://mcp.example.com' }, 200],
    [{ host: 'mcp.example.com', origin: 'https://evil.example' }, 403],
    [{ host: 'mcp.example.com', origin: 'null' }, 403],
  ])('%j → %i', async (headers, status) => {
    await using fixture = await startFixture({ config });
    expect((await fixture.post(rpc('ping'), headers)).status).toBe(status);
  });

  test('a preflight is answered completely, alike for live and dead URLs', async () => {
    await using fixture = await startFixture({ config });
    const preflight = (path: string) =>
      fixture.send({ method: 'OPTIONS', path, headers: { origin: 'https://playground.example', host: '127.0.0.1' } });
    const reply = await preflight(`/mcp/${TOKEN}`);
    expect(reply.status).toBe(204);
    expect(reply.headers['access-control-allow-origin']).toBe('https://playground.example');
    expect(reply.headers['access-control-allow-methods']).toMatch(/POST/);
    for (const name of ['content-type', 'authorization', 'mcp-protocol-version', 'mcp-method', 'mcp-name']) {
      expect(reply.headers['access-control-allow-headers']).toContain(name);
    }
    expect((await preflight(`/mcp/${token(3)}`)).headers).toMatchObject({
      'access-control-allow-headers': reply.headers['access-control-allow-headers'],
    });
  });

  test('an answer to an allowed origin exposes what a browser client needs', async () => {
    await using fixture = await startFixture({ config: { allowedOrigins: ['*'] } });
    const reply = await fixture.post(rpc('ping'), { origin: 'https://anywhere.example' });
    expect(reply.headers['access-control-allow-origin']).toBe('*');
    expect(reply.headers['access-control-expose-headers']).toContain('retry-after');
  });
});

describe('slow and hostile clients', () => {
  const http = { headersTimeout: 300, requestTimeout: 600 };

  function converse(port: number, bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (data) => {
        text += data.toString('latin1');
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });
  }

  /** A correct request as bytes, with room for a header that makes it incorrect. */
  function request(body: string, header = ''): string {
    const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
    return `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${length}${header}\r\n${body}`;
  }

  test('headers that never end are cut off', async () => {
    await using fixture = await startFixture({ config: { http } });
    expect(await converse(fixture.gateway.port, `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: x\r\n`)).toMatch(
      /^(HTTP\/1.1 408|$)/,
    );
  });

  test('a body that never ends is cut off', async () => {
    await using fixture = await startFixture({ config: { http } });
    const head = `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
    expect(await converse(fixture.gateway.port, head)).toMatch(/^(HTTP\/1.1 408|$)/);
  });

  test('oversized headers are refused', async () => {
    await using fixture = await startFixture();
    const head = `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`;
    expect(await converse(fixture.gateway.port, head)).toMatch(/^HTTP\/1.1 431/);
  });

  test('a connection on which nothing is said is closed', async () => {
    await using fixture = await startFixture({ config: { http } });
    expect(await converse(fixture.gateway.port, '')).toMatch(/^(HTTP\/1.1 408|$)/);
  });

  test('a hundred such clients at once leave nothing behind, and do not keep others waiting', async () => {
    await using fixture = await startFixture({ config: { http } });
    const head = `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: x\r\n`;
    const openings = ['', head, `${head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`, 'POST'];
    const conversations = Array.from({ length: 100 }, (_, number) =>
      converse(fixture.gateway.port, openings[number % openings.length] ?? ''),
    );
    expect((await fixture.post(rpc('ping'))).status).toBe(200);
    const said = await Promise.all(conversations);
    expect(said.filter((text) => text !== '' && !text.startsWith('HTTP/1.1 408'))).toEqual([]);
    expect((await fixture.post(rpc('ping'))).status).toBe(200);
  });

  test('a client that closes its half after the request gets its answer', async () => {
    await using fixture = await startFixture();
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect({ port: fixture.gateway.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
        socket.end(request(PING)),
      );
      socket.on('data', (data) => {
        received += data.toString('latin1');
      });
      socket.on('end', () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1.1 200/);
  });

  test('a client that does not read its answer is cut off', async () => {
    const answer = () => success('x'.repeat(32 * 2 ** 20));
    await using fixture = await startFixture({ answer, config: { http: { silenceTimeout: 300 } } });
    const body = JSON.stringify(rpc('tools/call', { name: 'list_crisp_conversations' }));
    const length = await new Promise<number>((resolve) => {
      let received = 0;
      const socket = connect(fixture.gateway.port, '127.0.0.1', () => {
        socket.pause();
        socket.write(request(body));
      });
      socket.on('data', (data) => {
        received += data.length;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(received));
      // Reads on only when the server has long given up.
      void expect
        .poll(fixture.logText, { timeout: 10_000 })
        .toContain('tools/call')
        .then(() => setTimeout(() => socket.resume(), 1_500));
    });
    expect(length).toBeLessThan(32 * 2 ** 20);
  });

  test('requests sent in one go are answered in their order', async () => {
    await using fixture = await startFixture();
    const last = request(JSON.stringify(rpc('ping', {}, 3)), 'connection: close\r\n');
    const three = [
      request(JSON.stringify(rpc('tools/list', {}, 1))),
      request(JSON.stringify(rpc('ping', {}, 2))),
      last,
    ];
    const text = await converse(fixture.gateway.port, three.join(''));
    expect([...text.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2', '3']);
  });

  test.each([
    ['a length beside chunks', 'transfer-encoding: chunked\r\n', 400],
    ['a chunk that is none', 'transfer-encoding: chunked\r\nx: y\r\n', 400],
    ['two lengths', 'content-length: 3\r\n', 400],
    ['a header without a name', ': x\r\n', 400],
  ])('%s is refused before anything is read', async (_what, header, status) => {
    await using fixture = await startFixture();
    const text = await converse(fixture.gateway.port, request(PING, header));
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    expect(fixture.reader.fetches).toBeLessThanOrEqual(2);
  });

  test('a request of HTTP/1.1 without a host is refused', async () => {
    await using fixture = await startFixture();
    expect(await converse(fixture.gateway.port, `POST /mcp/${TOKEN} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 400/);
  });

  test('a client that asks before it sends its body is told to go on', async () => {
    await using fixture = await startFixture();
    const text = await converse(fixture.gateway.port, request(PING, 'expect: 100-continue\r\nconnection: close\r\n'));
    expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200/);
  });

  test('what is not HTTP is refused', async () => {
    await using fixture = await startFixture();
    expect(await converse(fixture.gateway.port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
  });
});

describe('compression of the tool list', () => {
  const tools = Array.from({ length: 20 }, (_, number) => tool(`list_crisp_things_${number}`));

  test('gzip and plain are the same JSON, each with its own id', async () => {
    await using fixture = await startFixture({ tools });
    const list = (id: string, encoding?: string) =>
      fixture.post(rpc('tools/list', {}, id), encoding === undefined ? {} : { 'accept-encoding': encoding });
    const plain = await list('plain');
    expect(plain.headers['content-encoding']).toBeUndefined();
    await expect.poll(async () => (await list('x', 'gzip')).headers['content-encoding']).toBe('gzip');
    const zipped = await list('zipped "quoted"', 'br, gzip;q=0.5');
    expect(Number(zipped.headers['content-length'])).toBe(zipped.bytes.length);
    const unzipped = JSON.parse(gunzipSync(zipped.bytes).toString('utf8'));
    expect(unzipped).toEqual({ ...plain.json, id: 'zipped "quoted"' });
    expect((await list('refused', 'gzip;q=0, identity')).json.id).toBe('refused');
    const huge = 'i'.repeat(100_000);
    expect((await list(huge, 'gzip')).json.id).toBe(huge);
  });

  test('modern lists compress as well', async () => {
    await using fixture = await startFixture({ tools });
    const { body, headers } = modern('tools/list');
    await fixture.post(body, headers);
    await expect
      .poll(
        async () => (await fixture.post(body, { ...headers, 'accept-encoding': 'gzip' })).headers['content-encoding'],
      )
      .toBe('gzip');
    const reply = await fixture.post(body, { ...headers, 'accept-encoding': 'gzip' });
    expect(JSON.parse(gunzipSync(reply.bytes).toString()).result).toMatchObject({
      ttlMs: 60_000,
      cacheScope: 'private',
    });
  });
});
