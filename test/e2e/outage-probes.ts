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

/** The sum of a metric of a gateway over those of its labels that `labels` asks for. */
export async function gatewayMetric(gateway: { adminUrl: string }, name: string, labels = ''): Promise<number> {
  const { body } = await request(`${gateway.adminUrl}/metrics`);
  const lines = (await body.text()).split('\n');
  const wanted = lines.filter((line) => line.startsWith(`crisp_mcp_gateway_${name}{`) && line.includes(labels));
  if (wanted.length === 0) throw new Error(`there is no metric ${name} with ${labels}`);
  return wanted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
