import { describe, expect, test } from 'vitest';
import { readerWithRoute } from './fakes.ts';
import { modern, rpc, startFixture } from './gateway-fixture.ts';
import { CLIENT_CAPABILITIES_META, MODERN_VERSION, VERSION_META } from './protocol-era.ts';

describe('earlier protocol versions', () => {
  test.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2025-03-26', '2025-03-26'],
    ['2024-11-05', '2024-11-05'],
    ['1999-01-01', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('initialize asking for %s gets %s', async (asked, given) => {
    await using fixture = await startFixture();
    const { status, json } = await fixture.post(rpc('initialize', { protocolVersion: asked }));
    expect(status).toBe(200);
    expect(json.result).toMatchObject({
      protocolVersion: given,
      capabilities: { tools: {} },
      serverInfo: { name: 'crisp-mcp', title: 'Support assistant', version: '1.2.3' },
    });
    expect(Object.keys(json.result.capabilities)).toEqual(['tools']);
  });

  test('the first 512 characters of the instructions name ids, paging and rate limits', async () => {
    await using fixture = await startFixture({ reader: readerWithRoute({ exp: Date.parse('2099-01-01T00:00:00Z') }) });
    const { json } = await fixture.post(rpc('initialize'));
    for (const fact of ['website_id', 'session_id', 'people_id', 'page_number', 'wait']) {
      expect(json.result.instructions.slice(0, 512)).toContain(fact);
    }
    expect(json.result.instructions).toContain('2099-01-01T00:00:00.000Z');
  });

  test('a notification and a posted response are accepted with 202 and no body', async () => {
    await using fixture = await startFixture();
    for (const body of [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', method: 'notifications/whatever', params: {} },
      { jsonrpc: '2.0', id: 1, result: {} },
    ]) {
      const reply = await fixture.post(body);
      expect([reply.status, reply.text]).toEqual([202, '']);
    }
  });

  test('the tool list has schemas and annotations, a page, and the id it was asked with', async () => {
    await using fixture = await startFixture();
    const { json } = await fixture.post(rpc('tools/list', {}, 'list-1'));
    expect(json).toMatchObject({ jsonrpc: '2.0', id: 'list-1' });
    expect(Object.keys(json.result)).toEqual(['tools']);
    expect(json.result.tools[0]).toMatchObject({
      name: 'list_crisp_conversations',
      inputSchema: { type: 'object' },
      annotations: { readOnlyHint: true },
    });
    expect((await fixture.post(rpc('tools/list', { cursor: 'x' }))).json.error.code).toBe(-32602);
  });

  test.each([
    ['an unknown method', rpc('nonsense'), 200, -32601],
    ['prompts, which are not offered', rpc('prompts/list'), 200, -32601],
    ['no method', { jsonrpc: '2.0', id: 1 }, 400, -32600],
    ['another JSON-RPC version', { jsonrpc: '1.0', id: 1, method: 'ping' }, 400, -32600],
    ['an id of null', { jsonrpc: '2.0', id: null, method: 'ping' }, 400, -32600],
    ['params in a list', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, 400, -32600],
    ['a number', 7, 400, -32600],
    ['null', null, 400, -32600],
  ])('%s', async (_name, body, status, code) => {
    await using fixture = await startFixture();
    const reply = await fixture.post(body);
    expect([reply.status, reply.json.error.code]).toEqual([status, code]);
    expect(reply.json.error.message).toMatch(/[a-z]{3}.*\.$/);
  });

  test.each([
    ['2025-11-25', 200],
    ['2025-03-26', 200],
    ['2024-11-05', 200],
    ['1999-01-01', 400],
    ['', 400],
  ])('the header MCP-Protocol-Version %s → %i', async (version, status) => {
    await using fixture = await startFixture();
    const reply = await fixture.post(rpc('ping'), { 'mcp-protocol-version': version });
    expect(reply.status).toBe(status);
    if (status === 400) expect(reply.json.error).toMatchObject({ code: -32022, data: { requested: version } });
  });
});

describe('batches', () => {
  const two = [rpc('ping', {}, 1), { jsonrpc: '2.0', method: 'notifications/x' }, rpc('tools/list', {}, 2)];

  test.each([undefined, '2025-03-26', '2024-11-05'])('are answered for version %s', async (version) => {
    await using fixture = await startFixture();
    const reply = await fixture.post(two, version === undefined ? {} : { 'mcp-protocol-version': version });
    expect(reply.status).toBe(200);
    expect(reply.json.map(({ id }: { id: number }) => id)).toEqual([1, 2]);
    expect(reply.json[1].result.tools).toHaveLength(2);
  });

  test.each(['2025-06-18', '2025-11-25', '2026-07-28'])('are refused for version %s', async (version) => {
    await using fixture = await startFixture();
    const reply = await fixture.post(two, { 'mcp-protocol-version': version });
    expect([reply.status, reply.json.error.code]).toEqual([400, -32600]);
  });

  test('are bounded, and not empty', async () => {
    await using fixture = await startFixture();
    for (const length of [0, 21]) {
      const reply = await fixture.post(Array.from({ length }, (_, id) => rpc('ping', {}, id)));
      expect([reply.status, reply.json.error.code]).toEqual([400, -32600]);
    }
  });

  test('of notifications alone are accepted; an invalid or modern member is an error in its place', async () => {
    await using fixture = await startFixture();
    expect((await fixture.post([{ jsonrpc: '2.0', method: 'notifications/x' }])).status).toBe(202);
    const mixed = await fixture.post([7, modern('ping').body, rpc('initialize', {}, 3), rpc('ping', {}, 4)]);
    expect(mixed.status).toBe(200);
    expect(mixed.json.map((part: { error?: { code: number } }) => part.error?.code)).toEqual([
      -32600,
      expect.any(Number),
      -32600,
      undefined,
    ]);
  });
});

describe('protocol version 2026-07-28', () => {
  test('server/discover', async () => {
    await using fixture = await startFixture();
    const { body, headers } = modern('server/discover');
    const { status, json } = await fixture.post(body, headers);
    expect(status).toBe(200);
    expect(json.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      ttlMs: 60_000,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'crisp-mcp', title: 'Support assistant' } },
    });
    expect(json.result.instructions).toContain('session_id');
  });

  test('the tool list may be kept for a minute, and never beyond the life of the token', async () => {
    await using forever = await startFixture();
    const { body, headers } = modern('tools/list', {}, 'm-1');
    const { json } = await forever.post(body, headers);
    expect(json).toMatchObject({ id: 'm-1', result: { resultType: 'complete', ttlMs: 60_000, cacheScope: 'private' } });
    expect(json.result._meta['io.modelcontextprotocol/serverInfo']).toEqual({ name: 'crisp-mcp', version: '1.2.3' });

    await using dying = await startFixture({ reader: readerWithRoute({ exp: Date.now() + 20_000 }) });
    const soon = (await dying.post(body, headers)).json.result.ttlMs;
    expect(soon).toBeGreaterThan(10_000);
    expect(soon).toBeLessThanOrEqual(20_000);
  });

  test('a call is answered as complete and says who answered', async () => {
    await using fixture = await startFixture();
    const { body, headers } = modern('tools/call', { name: 'list_crisp_conversations', arguments: { page_number: 2 } });
    const { json } = await fixture.post(body, headers);
    expect(json.result).toMatchObject({
      resultType: 'complete',
      content: [{ type: 'text', text: '{"data":[]}' }],
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'crisp-mcp' } },
    });
    expect(fixture.caller.calls[0]).toMatchObject({ tool: 'list_crisp_conversations', args: { page_number: 2 } });
  });

  const call = () => modern('tools/call', { name: 'list_crisp_conversations' });
  const list = () => modern('tools/list');
  const without = (headers: Record<string, string>, name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
  const meta = (fields: Record<string, unknown>) => rpc('tools/list', { _meta: fields });

  test.each([
    ['the version header missing', list().body, without(list().headers, 'mcp-protocol-version'), 400, -32020],
    [
      'another version in the header',
      list().body,
      { ...list().headers, 'mcp-protocol-version': '2025-11-25' },
      400,
      -32020,
    ],
    ['Mcp-Method missing', list().body, without(list().headers, 'mcp-method'), 400, -32020],
    ['another method in the header', list().body, { ...list().headers, 'mcp-method': 'tools/call' }, 400, -32020],
    ['Mcp-Name missing', call().body, without(call().headers, 'mcp-name'), 400, -32020],
    ['another name in the header', call().body, { ...call().headers, 'mcp-name': 'other' }, 400, -32020],
    ['a name that is not Base64', call().body, { ...call().headers, 'mcp-name': '=?base64?%%?=' }, 400, -32020],
    ['initialize with a modern header', rpc('initialize'), { 'mcp-protocol-version': MODERN_VERSION }, 400, -32020],
    ['no _meta', rpc('tools/list'), list().headers, 400, -32602],
    ['no version in _meta', meta({ [CLIENT_CAPABILITIES_META]: {} }), list().headers, 400, -32602],
    ['no capabilities in _meta', meta({ [VERSION_META]: MODERN_VERSION }), list().headers, 400, -32602],
    [
      'a version that is no text',
      meta({ [VERSION_META]: 7, [CLIENT_CAPABILITIES_META]: {} }),
      list().headers,
      400,
      -32602,
    ],
    [
      'a future version',
      meta({ [VERSION_META]: '2031-01-01', [CLIENT_CAPABILITIES_META]: {} }),
      { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' },
      400,
      -32022,
    ],
    ['ping, which is gone', modern('ping').body, modern('ping').headers, 404, -32601],
    ['initialize, which is gone', modern('initialize').body, modern('initialize').headers, 404, -32601],
    ['an unknown method', modern('nonsense').body, modern('nonsense').headers, 404, -32601],
  ])('%s → %i %i', async (_name, body, headers, status, code) => {
    await using fixture = await startFixture();
    const reply = await fixture.post(body, headers);
    expect([reply.status, reply.json.error.code, reply.json.id]).toEqual([status, code, 1]);
    if (code === -32022) expect(reply.json.error.data.supported).toEqual(['2026-07-28']);
  });

  test('a name in Base64 is understood', async () => {
    await using fixture = await startFixture();
    const { body, headers } = call();
    const encoded = `=?base64?${Buffer.from('list_crisp_conversations').toString('base64')}?=`;
    expect((await fixture.post(body, { ...headers, 'mcp-name': encoded })).status).toBe(200);
  });

  test('a notification is accepted', async () => {
    await using fixture = await startFixture();
    const reply = await fixture.post(
      { jsonrpc: '2.0', method: 'notifications/x' },
      { 'mcp-protocol-version': MODERN_VERSION },
    );
    expect(reply.status).toBe(202);
  });
});
