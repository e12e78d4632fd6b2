import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Installation, install } from './installation.ts';
import { OFFICIAL_CLIENTS, type ToolUser, toolUser } from './mcp-client.ts';

/**
 * The two jobs that the project is for, done through an MCP client as a model does them: knowing nothing but what the
 * tools say. What counts is what then stands in the sandbox.
 */
const Conversations = z.array(
  z.object({
    session_id: z.string(),
    unread: z.object({ operator: z.number() }),
    meta: z.object({ segments: z.array(z.string()) }),
  }),
);
const Messages = z.array(z.object({ type: z.string(), from: z.string(), content: z.unknown() }));
interface TreeView {
  type: string;
  slug: string;
  state: { published: boolean };
  children: TreeView[];
}
const TreeView: z.ZodType<TreeView> = z.object({
  type: z.string(),
  slug: z.string(),
  state: z.object({ published: z.boolean() }),
  children: z.lazy(() => z.array(TreeView)),
});
const Tree = z.array(TreeView);
const Article = z.object({ content: z.string(), metadata: z.object({ title: z.string() }) });

describe.each(OFFICIAL_CLIENTS)('with %s', (who, connect) => {
  let site: Installation;

  beforeAll(async () => {
    site = await install({ name: who.includes('v1') ? 'workflows-v1' : 'workflows-v2' });
    await site.applyAccount();
  });

  test('unread bugs get an internal note each, and nothing reaches a visitor', async () => {
    const { state } = site.sandbox;
    const seeded = [...state.main.conversations.values()];
    const expected = seeded
      .filter(({ messages }) => messages.some((message) => message.from === 'user' && message.read === ''))
      .filter(({ meta }) => z.array(z.string()).parse(meta.segments).includes('bug'))
      .map((conversation) => conversation.session_id);
    expect(expected.length, 'there is something to do').toBeGreaterThan(3);
    expect(expected.length, 'and not everything is to be touched').toBeLessThan(seeded.length / 2);
    await site.applyServer('assistant', { methods: ['read', 'create', 'update'], tags: ['support'] });
    const client = await connect(await site.urlOf('assistant'));

    await noteUnreadBugs(toolUser(client));

    expect(
      state
        .notesWritten()
        .map((note) => note.session_id)
        .sort(),
    ).toEqual([...expected].sort());
    expect(state.messagesWritten().map((message) => message.type)).toEqual(expected.map(() => 'note'));
    expect(state.notesWritten().every((note) => note.from === 'operator')).toBe(true);
    expect(state.deliveries).toEqual([]);
    await client.close();
  });

  test('English articles that mention the V1 Dashboard are rewritten and unpublished, and no others', async () => {
    const { state } = site.sandbox;
    const before = [...state.main.helpdesk.nodes.values()];
    const stale = before.filter((node) => node.locale === 'en' && node.content.includes('V1 Dashboard'));
    expect(stale.length, 'there is something to do').toBeGreaterThan(3);
    await site.applyServer('cleaner', { methods: ['read', 'write', 'custom'], tags: ['helpdesk'] });
    const client = await connect(await site.urlOf('cleaner'));

    await replaceInArticles(toolUser(client), 'V1 Dashboard', 'Boards');

    const after = [...state.main.helpdesk.nodes.values()];
    const rewritten = after.filter((node) => stale.some((old) => old.entity_id === node.entity_id));
    expect(rewritten.map((node) => node.content)).toEqual(
      stale.map((node) => node.content.replaceAll('V1 Dashboard', 'Boards')),
    );
    expect(rewritten.map((node) => node.metadata.state.published)).toEqual(stale.map(() => false));
    expect(rewritten.map((node) => node.metadata.title)).toEqual(stale.map((node) => node.metadata.title));
    const isStale = (node: { entity_id: string }) => stale.some((old) => old.entity_id === node.entity_id);
    expect(after.filter((node) => !isStale(node))).toEqual(before.filter((node) => !isStale(node)));
    expect(state.deliveries).toEqual([]);
    await client.close();
  });
});

/** Workflow 1: list, find the unread ones, read their messages, leave a note on the bugs. */
async function noteUnreadBugs(use: ToolUser): Promise<void> {
  for (let page = 1; ; page += 1) {
    const conversations = Conversations.parse(
      await use('list_all_crisp_conversations', { page_number: page, filter_unread: true }),
    );
    if (conversations.length === 0) return;
    for (const { session_id, unread, meta } of conversations) {
      if (unread.operator === 0 || !meta.segments.includes('bug')) continue;
      const messages = Messages.parse(await use('list_all_crisp_messages', { session_id }));
      const said = messages.findLast((message) => message.from === 'user' && message.type === 'text');
      const content = `Looks like a bug. The visitor says: ${String(said?.content).slice(0, 80)}`;
      await use('create_a_crisp_message', { session_id, type: 'note', content });
    }
  }
}

/** Workflow 2: list the English articles, read each, replace the words, take those that had them off the site. */
async function replaceInArticles(use: ToolUser, words: string, by: string): Promise<void> {
  const paths: string[] = [];
  for (let page = 1; ; page += 1) {
    const tree = Tree.parse(await use('list_all_crisp_helpdesk_articles', { locale: 'en', page_number: page }));
    if (tree.length === 0) break;
    paths.push(...tree.flatMap((node) => articlePaths(node, '')));
  }
  for (const path of paths) {
    const { content } = Article.parse(await use('get_single_crisp_helpdesk_article_by_id', { locale: 'en', path }));
    if (!content.includes(words)) continue;
    const rewritten = content.replaceAll(words, by);
    await use('update_a_crisp_helpdesk_article_by_id', { locale: 'en', path, content: rewritten });
    await use('crisp_helpdesk_articles_unpublish', { locale: 'en', path });
  }
}

function articlePaths(node: TreeView, above: string): string[] {
  const path = `${above}${node.slug}`;
  const below = node.children.flatMap((child) => articlePaths(child, `${path}/`));
  return node.slug.endsWith('.md') ? [path, ...below] : below;
}
