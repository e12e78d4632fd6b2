import { type Random, uuid } from '../../process/random.ts';
import { TREE_ENTRY, TREE_FORMAT, TREE_GROUP } from '../inferred.ts';
import { nodeKey } from '../state.ts';
import type { Helpdesk, TreeMetadata, TreeNode } from '../website.ts';
import type { SeedArticle, SeedLocale } from './helpdesk-articles.ts';

/** Fills a helpdesk with the articles of a locale: a node for each group and each article. */
const DAY = 24 * 3_600_000;
const CONTENT_TYPE = 'articles';

export function seedHelpdesk(
  helpdesk: Helpdesk,
  source: SeedLocale,
  parts: { random: Random; now: number; authorId: string },
): void {
  const { random, now, authorId } = parts;
  const { locale } = source;
  helpdesk.locales.set(locale, { locale_id: uuid(random), locale });
  const add = (type: string, path: string, position: number, content: string, metadata: Partial<TreeMetadata>) => {
    const created_at = now - Math.floor((60 + random.fraction() * 500) * DAY);
    const node: TreeNode = {
      entity_id: uuid(random),
      type,
      locale,
      contentType: CONTENT_TYPE,
      path,
      position,
      content,
      metadata: { ...BARE_METADATA, author: { user_id: authorId }, ...metadata },
      created_at,
      updated_at: created_at + Math.floor(random.fraction() * 50 * DAY),
    };
    helpdesk.nodes.set(nodeKey(locale, CONTENT_TYPE, path), node);
  };
  for (const [position, [path, title]] of Object.entries(source.groups).entries()) {
    add(TREE_GROUP, path, position, '', { title, state: { published: true, hidden: false, featured: false } });
  }
  for (const [position, article] of source.articles.entries()) {
    const { title, description } = article;
    add(TREE_ENTRY, article.path, position, article.content, { title, description, state: stateOf(article) });
  }
}

const BARE_METADATA: TreeMetadata = {
  format: TREE_FORMAT,
  title: '',
  description: '',
  state: { published: false, hidden: false, featured: false },
  author: { user_id: '' },
  color: '',
  image: '',
};

function stateOf(article: SeedArticle): TreeMetadata['state'] {
  return { published: article.draft !== true, hidden: false, featured: article.featured === true };
}
