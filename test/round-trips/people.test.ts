import { expect, test } from 'vitest';
import { mcpBench } from './mcp-bench.ts';

test('a person: created, read, changed, replaced, removed', async () => {
  await using bench = await mcpBench();
  expect(await bench.call('list_all_crisp_people_profiles')).toHaveLength(20);
});
