import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RouteRecord } from '../../src/routes/records.ts';
import { mcpBench } from './mcp-bench.ts';

/** Prompts, resources and completions as an official client sees them, on the sandbox's helpdesk, in both eras. */
type Mode = 'legacy' | { pin: string };
const MODES: readonly (readonly [string, Mode])[] = [
  ['2025-11-25', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
];

async function start(mode: Mode, filter: RouteRecord['filter'] = {}) {
  const bench = await mcpBench({ filter });
  onTestFinished(() => bench[Symbol.asyncDispose]());
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(bench.url)));
  onTestFinished(() => client.close());
  return { bench, client };
}

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe.each(MODES)('at %s', (_version, mode) => {
  test('articles are listed page by page over all languages, and each can be read', async () => {
    const { bench, client } = await start(mode);
    const { resources } = await client.listResources();
    const seeded = [...bench.sandbox.state.main.helpdesk.nodes.values()].filter(
      (node) => node.contentType === 'articles' && node.path.endsWith('.md'),
    );
    expect(seeded.length).toBeGreaterThan(10);
    expect(resources.map(({ uri }) => uri).sort()).toEqual(
      seeded.map(({ locale, path }) => `crisp://helpdesk/${locale}/${path}`).sort(),
    );
    const [node] = seeded;
    const uri = `crisp://helpdesk/${node?.locale}/${node?.path}`;
    expect(resources.find((resource) => resource.uri === uri)).toMatchObject({
      title: node?.metadata.title,
      mimeType: 'text/markdown',
    });
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, mimeType: 'text/markdown', text: node?.content }]);
  });

  test('an article that is too long is read in part, and says so and where the rest is', async () => {
    const { bench, client } = await start(mode);
    const { nodes } = bench.sandbox.state.main.helpdesk;
    const found = [...nodes].find(([, { path }]) => path.endsWith('.md'));
    if (found === undefined) throw new Error('no article is seeded');
    const [key, node] = found;
    const content = '# Long\n'.repeat(20_000);
    nodes.set(key, { ...node, content });
    const uri = `crisp://helpdesk/${node.locale}/${node.path}`;
    const { contents } = await client.readResource({ uri });
    const [article, note] = contents.map((each) => ('text' in each ? each.text : ''));
    expect(content.startsWith(article ?? '')).toBe(true);
    expect(article?.length).toBeGreaterThan(40_000);
    expect(note).toMatch(/^Cut, because .* To get the rest, open the public page of the article/);
  });

  test('the template names what the list has', async () => {
    const { client } = await start(mode);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toMatchObject([{ uriTemplate: 'crisp://helpdesk/{locale}/{+path}' }]);
  });

  test.each([
    ['of an article that is not', 'crisp://helpdesk/en/nothing/here.md'],
    ['of another scheme', 'file:///etc/passwd'],
    ['with path tricks', 'crisp://helpdesk/en/..%2f..%2fconversations'],
    ['that is not encoded well', 'crisp://helpdesk/en/%zz'],
    ['without a path', 'crisp://helpdesk/en'],
  ])('a URI %s is not found', async (_what, uri) => {
    const { bench, client } = await start(mode);
    const before = bench.sandbox.requests.length;
    await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 });
    const asked = bench.sandbox.requests.slice(before).map((request) => request.path);
    expect(asked.filter((path) => !path.includes('/helpdesk/tree/'))).toEqual([]);
  });

  test('a server that may read articles but not list them offers the template alone', async () => {
    const { client } = await start(mode, { only: ['get_single_crisp_helpdesk_article_by_id'] });
    expect((await client.listResources()).resources).toEqual([]);
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);
  });

  test('a server that may not read articles has no resources', async () => {
    const { bench, client } = await start(mode, { except: ['get_single_crisp_helpdesk_article_by_id'] });
    expect(client.getServerCapabilities()?.resources).toBeUndefined();
    const before = bench.sandbox.requests.length;
    await expect(client.readResource({ uri: 'crisp://helpdesk/en/orders/refunds.md' })).rejects.toThrow();
    expect(bench.sandbox.requests.length).toBe(before);
  });

  test('a rate limit of Crisp is the error, with its delay', async () => {
    const { bench, client } = await start(mode);
    bench.sandbox.faults.add({ kind: 'rate_limited', retryAfter: 7 });
    await expect(client.listResources()).rejects.toThrow(/7 seconds/);
  });

  test('prompts are those whose tools are enabled, and speak of no others', async () => {
    const { client } = await start(mode);
    expect(names((await client.listPrompts()).prompts)).toEqual([
      'triage_unread_conversations',
      'replace_in_helpdesk',
      'draft_reply',
    ]);
    const reading = await start(mode, { methods: ['read'] });
    expect(names((await reading.client.listPrompts()).prompts)).toEqual(['draft_reply']);
    const campaigns = await start(mode, { tags: ['campaigns'] });
    expect(campaigns.client.getServerCapabilities()?.prompts).toBeUndefined();
  });

  test('a prompt puts its arguments in place and insists on those it needs', async () => {
    const { client } = await start(mode);
    const given = { find: 'V1 Dashboard', replace_with: 'Boards', unpublish: 'yes' };
    const { messages } = await client.getPrompt({ name: 'replace_in_helpdesk', arguments: given });
    expect(JSON.stringify(messages)).toMatch(/V1 Dashboard.*Boards.*crisp_helpdesk_articles_unpublish/);
    await expect(client.getPrompt({ name: 'replace_in_helpdesk', arguments: { find: 'x' } })).rejects.toThrow(
      /needs: replace_with/,
    );
    await expect(client.getPrompt({ name: 'nonsense' })).rejects.toThrow(/no prompt of that name/);
  });

  test('the languages of the helpdesk complete an argument; others have no completions', async () => {
    const { client } = await start(mode);
    const complete = (name: string, value: string) =>
      client.complete({ ref: { type: 'ref/prompt', name: 'replace_in_helpdesk' }, argument: { name, value } });
    expect((await complete('locale', 'e')).completion.values).toContain('en');
    expect((await complete('locale', 'zz')).completion.values).toEqual([]);
    expect((await complete('find', 'V')).completion.values).toEqual([]);
  });
});
