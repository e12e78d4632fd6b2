import { expect } from 'vitest';
import type { CallOutcome } from '../../src/crisp/outcome.ts';
import { readerWithRoute, routeRecord, success, TOKEN, token, tool } from '../../src/gateway/fakes.ts';
import { type Fixture, startFixture } from '../../src/gateway/gateway-fixture.ts';

/**
 * What every client must manage: connect, list, call, understand a rate limit of Crisp, be refused a tool that the filter
 * leaves out, and see a URL die. One server and one script for all of them, so that a row of the matrix differs from the
 * next in the client alone.
 */
export interface MatrixClient {
  listTools(): Promise<readonly string[]>;
  /** Rejects when the client has no result to show, with whatever it shows instead. */
  callTool(name: string): Promise<{ readonly isError: boolean; readonly text: string }>;
  close(): Promise<void>;
}

export type Connect = (url: string) => Promise<MatrixClient>;

const READS = 'list_crisp_conversations';
const WRITES = 'send_crisp_message';
const TOOLS = [tool(READS), tool(WRITES, { class: 'create', effect: 'write' })];
const RATE_LIMITED: CallOutcome = {
  kind: 'failure',
  code: 'rate_limited',
  message: 'Crisp rate limit reached (HTTP 429). Wait 7 seconds, then retry this call once.',
  upstreamStatus: 429,
  retryAfterSeconds: 7,
};
/** Long enough to connect in, short enough to wait for. */
const REMAINING = 1_500;

export function startMatrixServer(): Promise<Fixture> {
  const reader = readerWithRoute({ filter: { methods: ['read'] } });
  return startFixture({ reader, tools: TOOLS, config: { legacySse: true } });
}

export async function runMatrix(fixture: Fixture, connect: Connect): Promise<void> {
  const { caller, reader, gateway } = fixture;
  const url = `${gateway.url}/mcp/${TOKEN}`;
  const client = await connect(url);
  try {
    expect(await client.listTools(), 'the filtered list').toEqual([READS]);

    caller.answer = () => success('{"answer":42}');
    expect(await client.callTool(READS)).toEqual({ isError: false, text: '{"answer":42}' });

    caller.answer = () => RATE_LIMITED;
    const limited = await client.callTool(READS);
    expect(limited).toMatchObject({ isError: true, text: expect.stringContaining('Wait 7 seconds') });
    const limitedCalls = caller.calls.length;
    expect(limitedCalls, 'a rate limit is not retried').toBe(2);

    const refused = await client.callTool(WRITES).catch((error: unknown) => ({ text: messageOf(error) }));
    // The Inspector looks into the list first and asks nobody.
    expect(refused.text).toMatch(/not enabled on this server|not found on server/);
    expect(caller.calls.length, 'a filtered tool is not called').toBe(limitedCalls);

    const exp = Date.now() + REMAINING;
    reader.put(TOKEN, routeRecord({ filter: { methods: ['read'] }, exp }));
    await expect.poll(() => Date.now(), { timeout: REMAINING * 3 }).toBeGreaterThan(exp);
    const expired = await client.callTool(READS).then(
      (result) => ({ worked: !result.isError, ...result }),
      (error: unknown) => ({ worked: false, text: messageOf(error) }),
    );
    expect(expired.worked, expired.text).toBe(false);
    expect(caller.calls.length, 'nothing reached Crisp').toBe(limitedCalls);
  } finally {
    await client.close().catch(() => undefined);
  }
  await expect(connectAndList(connect, `${gateway.url}/mcp/${token(404)}`), 'a URL that never was').rejects.toThrow();
}

/** Some clients connect to nobody until they are asked for something. */
async function connectAndList(connect: Connect, url: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.listTools();
  } finally {
    await client.close().catch(() => undefined);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
