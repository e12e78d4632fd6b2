import type { Resource, Server, TextResourceContents } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { FeatureExchange, ToolAnswer } from './features.ts';

/**
 * Helpdesk articles as resources, for clients in which a person attaches them. They are read and listed with the tools of
 * the server, so whoever may not read an article with a tool cannot read it here; a server that may read but not list
 * offers the template alone. One page of the list is one page of Crisp's, so that a list costs as little as it can.
 */
export const HELPDESK_TOOLS = {
  locales: 'list_all_crisp_helpdesk_locales',
  list: 'list_all_crisp_helpdesk_articles',
  read: 'get_single_crisp_helpdesk_article_by_id',
} as const;

const SCHEME = 'crisp://helpdesk/';
const ARTICLE_TEMPLATE = `${SCHEME}{locale}/{+path}`;
const MARKDOWN = 'text/markdown';
const PLAIN = 'text/plain';

interface TreeItem {
  slug: string;
  title?: string | undefined;
  state?: { published?: boolean | undefined } | undefined;
  children: TreeItem[];
}
const TreeItem: z.ZodType<TreeItem> = z.object({
  slug: z.string(),
  title: z.string().optional().catch(undefined),
  state: z.object({ published: z.boolean().optional() }).optional().catch(undefined),
  children: z.lazy(() => z.array(TreeItem)).catch([]),
});
const Tree = z.array(TreeItem);
const Locales = z.array(z.object({ locale: z.string() }));
const Article = z.object({ content: z.string() });
const Cursor = z.object({ locale: z.string().max(24), page: z.int().min(1).max(10_000) });
type Cursor = z.infer<typeof Cursor>;

export function registerArticles(server: Server, exchange: FeatureExchange): void {
  const { sdk, cache } = exchange;
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [
      {
        uriTemplate: ARTICLE_TEMPLATE,
        name: 'helpdesk-article',
        title: 'Helpdesk article',
        description: 'An article by locale, such as en, and path in the helpdesk, such as orders/refunds.md',
        mimeType: MARKDOWN,
      },
    ],
    ...cache,
  }));
  server.setRequestHandler('resources/list', async ({ params }) => {
    const { resources, nextCursor } = await listArticles(exchange, params?.cursor);
    return { resources, ...(nextCursor === undefined ? {} : { nextCursor }), ...cache };
  });
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const place = placeOf(uri);
    if (place === undefined) throw new sdk.ResourceNotFoundError(uri);
    const answer = await exchange.callTool(HELPDESK_TOOLS.read, place);
    if (answer.kind === 'failed' && ['not_found', 'invalid_arguments'].includes(answer.type)) {
      throw new sdk.ResourceNotFoundError(uri);
    }
    const { content } = Article.parse(JSON.parse(textOf(exchange, answer)));
    const note = answer.kind === 'text' ? answer.note : undefined;
    return { contents: [{ uri, mimeType: MARKDOWN, text: content }, ...notesOf(uri, note)], ...cache };
  });
}

/**
 * What was cut of the article or of what goes with it. A text of its own: most clients show nothing of `_meta`. After the
 * article, for some take the first text alone.
 */
function notesOf(uri: string, note: string | undefined): TextResourceContents[] {
  return note === undefined ? [] : [{ uri, mimeType: PLAIN, text: note }];
}

/** Languages of the helpdesk; none where the plan has no helpdesk or the server may not list them. */
export async function helpdeskLocales(exchange: FeatureExchange): Promise<readonly string[]> {
  if (!exchange.toolset.byName.has(HELPDESK_TOOLS.locales)) return [];
  const answer = await exchange.callTool(HELPDESK_TOOLS.locales, {});
  if (answer.kind === 'failed' && answer.reason === 'subscription_upgrade_required') return [];
  return Locales.parse(JSON.parse(textOf(exchange, answer))).map(({ locale }) => locale);
}

async function listArticles(
  exchange: FeatureExchange,
  cursor: string | undefined,
): Promise<{ resources: Resource[]; nextCursor?: string }> {
  if (!exchange.toolset.byName.has(HELPDESK_TOOLS.list)) return { resources: [] };
  const locales = await helpdeskLocales(exchange);
  const [first] = locales;
  const asked = cursor === undefined ? undefined : decodeCursor(exchange, cursor);
  const { locale, page } = asked ?? { locale: first, page: 1 };
  if (locale === undefined) return { resources: [] };
  const answer = await exchange.callTool(HELPDESK_TOOLS.list, { locale, page_number: page });
  const tree = Tree.parse(JSON.parse(textOf(exchange, answer)));
  const resources = tree.flatMap((item) => resourcesOf(item, locale, ''));
  if (tree.length > 0) return { resources, nextCursor: encodeCursor({ locale, page: page + 1 }) };
  const after = locales[locales.indexOf(locale) + 1];
  return after === undefined ? { resources } : { resources, nextCursor: encodeCursor({ locale: after, page: 1 }) };
}

function resourcesOf(item: TreeItem, locale: string, above: string): Resource[] {
  const path = `${above}${item.slug}`;
  const below = item.children.flatMap((child) => resourcesOf(child, locale, `${path}/`));
  // Whatever is not a file is a folder of them.
  if (!item.slug.includes('.')) return below;
  const draft = item.state?.published === false ? ', not published' : '';
  const title = item.title === undefined || item.title === '' ? item.slug : item.title;
  const resource: Resource = {
    uri: `${SCHEME}${[locale, ...path.split('/')].map(encodeURIComponent).join('/')}`,
    name: path,
    title,
    description: `Helpdesk article, ${locale}${draft}`,
    mimeType: MARKDOWN,
  };
  return [resource, ...below];
}

function placeOf(uri: string): { locale: string; path: string } | undefined {
  if (!uri.startsWith(SCHEME)) return undefined;
  try {
    const [locale, ...path] = uri.slice(SCHEME.length).split('/').map(decodeURIComponent);
    return locale === undefined || path.length === 0 ? undefined : { locale, path: path.join('/') };
  } catch {
    return undefined;
  }
}

/** The data of a tool's answer, or the error that a client shows: the tool's own sentence, with its delay if there is one. */
function textOf({ sdk }: FeatureExchange, answer: ToolAnswer): string {
  if (answer.kind === 'text') return answer.text;
  throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InternalError, answer.message);
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function decodeCursor({ sdk }: FeatureExchange, text: string): Cursor {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, 'Unknown cursor: take it from the list before.');
  }
}
