import { setTimeout as sleep } from 'node:timers/promises';
import { type McpAnswer, mcpRequest } from './mcp-client.ts';

/**
 * Asks a URL without pause from half a second before its end until half a second after it, eight requests at a time, so
 * that some are sent in the very millisecond. Returns every answer with the moment its request was sent.
 */
export async function askAroundExpiry(url: string, end: number): Promise<McpAnswer[]> {
  const answers: McpAnswer[] = [];
  await sleep(Math.max(0, end - 500 - Date.now()));
  const ask = async (): Promise<void> => {
    while (Date.now() < end + 500) answers.push(await mcpRequest(url, 'tools/list'));
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return answers;
}
