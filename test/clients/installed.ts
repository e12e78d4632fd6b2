import type { TestContext } from 'vitest';
import { findClients } from '../../scripts/binaries/clients.ts';

/** Where the foreign clients are installed; a test that needs them is skipped, with the remedy, where they are not. */
export async function clientsOrSkip(context: TestContext): Promise<string> {
  const modules = await findClients();
  if (modules === undefined) context.skip('the MCP clients are not installed: run npm test -- --only clients');
  return modules ?? '';
}
