import { request } from 'undici';
import { expect } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { mcpRequest } from './mcp-client.ts';

/** What the tests of outages look at. */
export async function statusOf(url: string): Promise<number> {
  return (await mcpRequest(url, 'tools/list')).status;
}

export async function becomes(url: string, status: number): Promise<void> {
  const asked = async (): Promise<void> => expect(await statusOf(url).catch(() => 0)).toBe(status);
  await eventually(asked, { timeout: 20_000, what: `an answer ${status}` });
}

/** `/readyz` of a process, as `<status> <text>`. */
export async function readiness(process: { adminUrl: string }): Promise<string> {
  const { statusCode, body } = await request(`${process.adminUrl}/readyz`);
  return `${statusCode} ${(await body.text()).trim()}`;
}
