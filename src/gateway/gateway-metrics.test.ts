import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FakeSink } from './audit/fake-sink.ts';
import { success, token } from './fakes.ts';
import { type Fixture, rpc, startFixture } from './gateway-fixture.ts';

const DOCS = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');
const CALL = rpc('tools/call', { name: 'list_crisp_conversations' });
const TRACING = {
  counts: { exported: 0, failed: 0 },
  request: () => ({ traceId: '', call: () => ({ traceparent: '', end: () => undefined }), end: () => undefined }),
  close: () => Promise.resolve(),
};

async function useEverything(fixture: Fixture): Promise<void> {
  await fixture.post(rpc('initialize', { protocolVersion: '2025-11-25' }));
  await fixture.post(rpc('tools/list'));
  await fixture.post(CALL);
  await fixture.post(rpc('tools/call', { name: 'unknown' }));
  await fixture.post(rpc('unknown/method'));
  await fixture.send({ path: `/mcp/${token(1)}`, headers: { 'content-type': 'application/json' }, body: '{}' });
}

/** Rows of the documentation as the metrics themselves tell: name with labels, type, help. */
function rowsOf(text: string): string[] {
  const labels = new Map<string, Set<string>>();
  for (const [, name = '', given = ''] of text.matchAll(/^(crisp_mcp_\w+?)(?:_bucket|_sum|_count)?\{([^}]*)\} /gm)) {
    const known = labels.get(name) ?? new Set<string>();
    for (const [, label = ''] of given.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(name, known);
  }
  return [...text.matchAll(/^# HELP (crisp_mcp_\w+) (.*)\n# TYPE \w+ (\w+)$/gm)].map(([, name = '', help, type]) => {
    const own = [...(labels.get(name) ?? [])].filter((label) => label !== 'process' && label !== 'le').sort();
    return `| \`${name}${own.length === 0 ? '' : `{${own.join(',')}}`}\` | ${type} | ${help} |`;
  });
}

describe('the metrics', () => {
  test('are those that the documentation lists, in its words', async () => {
    await using fixture = await startFixture({ audit: new FakeSink(), tracing: TRACING });
    await useEverything(fixture);
    const documented = DOCS.split('\n').filter((line) => line.startsWith('| `crisp_mcp_gateway_'));
    expect(rowsOf(await fixture.metricsText()).sort()).toEqual(documented.sort());
  });

  test('have as many series for many servers, tokens and clients as for one', async () => {
    await using fixture = await startFixture({ answer: () => success('{}') });
    const series = async () =>
      (await fixture.metricsText()).split('\n').filter((line) => line.startsWith('crisp_')).length;
    await useEverything(fixture);
    const before = await series();
    for (let count = 0; count < 30; count++) {
      await fixture.send({ path: `/mcp/${token(count)}`, headers: { 'content-type': 'application/json' }, body: '{}' });
      await fixture.post(rpc(`method/${count}`));
      await fixture.post(rpc('tools/call', { name: `tool_${count}` }), { 'user-agent': `client/${count}` });
    }
    expect(await series()).toBe(before);
  });

  test('tell what runs and what Crisp answers', async () => {
    const answer = Promise.withResolvers<void>();
    const statuses = [200, 404, 429, 503, undefined];
    await using fixture = await startFixture({
      answer: async () => {
        await answer.promise;
        const status = statuses.shift();
        if (status === 200) return success('{}');
        return {
          kind: 'failure',
          code: 'upstream_error',
          message: 'm',
          ...(status === undefined ? {} : { upstreamStatus: status }),
        };
      },
    });
    const calls = Array.from({ length: 5 }, () => fixture.post(CALL));
    await expect.poll(() => fixture.metricsText()).toMatch(/gateway_requests_running\{[^}]*\} 5/);
    answer.resolve();
    await Promise.all(calls);
    const text = await fixture.metricsText();
    expect(text).toMatch(/gateway_requests_running\{[^}]*\} 0/);
    for (const status of ['2xx', '4xx', 'limited', '5xx', 'none']) {
      expect(text).toMatch(new RegExp(`upstream_answers_total\\{status="${status}"[^}]*\\} 1`));
    }
  });
});
