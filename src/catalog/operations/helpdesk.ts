import { type Arguments, dateTime, type Fields, flag, object, required, text, url, uuid } from '../fields.ts';
import { PATH_FIELDS } from '../identifiers.ts';
import { type Composite, type Family, type Operation, TIERS } from '../operation.ts';
import { nothingToChange } from './shapes.ts';

/**
 * The helpdesk as Crisp has had it since September 2026: a tree of paths in each locale. The article tools keep the names
 * they had when articles had ids.
 */
const metadata: Fields = {
  title: text('Title', { min: 1 }),
  description: text('Short summary'),
  color: text(''),
  image: text('URL of a cover image'),
  format: text(''),
  state: object('', { published: flag(''), hidden: flag(''), featured: flag('') }),
  author: object('', { user_id: text('') }),
};

const content = text('Whole text in Markdown');

const listTree: Operation = {
  id: 'website.listHelpdeskTree',
  method: 'GET',
  path: '/website/{website_id}/helpdesk/tree/list/{locale}/{content_type}/{page_number}',
  tiers: TIERS.unknown,
  query: {
    sub_path: text('Only below this path, such as orders', { min: 1 }),
    search_title: text('Part of the title', { min: 1 }),
    filter_date_start: dateTime('From'),
    filter_date_end: dateTime('Until'),
  },
  answer: { page: {} },
  tool: {
    name: 'list_all_crisp_helpdesk_articles',
    title: 'List helpdesk articles',
    description:
      'Lists the helpdesk of one locale as a tree: type, slug, title, state (published, hidden, featured) and children. The path of an article is the slugs from the root joined by /. The text comes from get_single_crisp_helpdesk_article_by_id. subscription_upgrade_required: the plan has no helpdesk.',
    class: 'list',
  },
};

const readContent: Operation = {
  id: 'website.resolveHelpdeskTreeContent',
  method: 'GET',
  path: '/website/{website_id}/helpdesk/tree/content/{locale}/{content_type}/{path}',
  tiers: TIERS.unknown,
  answer: {
    rest: 'open the public page of the article, if it is published: get_single_crisp_helpdesk_article_page_by_id gives its URL. Do not save this part as the text of the article; what is not in it would be lost.',
  },
};

const saveContent: Operation = {
  id: 'website.saveHelpdeskTreeContent',
  method: 'PUT',
  path: '/website/{website_id}/helpdesk/tree/content/{locale}/{content_type}/{path}',
  tiers: TIERS.unknown,
  body: { content: required(content) },
};

const readMetadata: Operation = {
  id: 'website.resolveHelpdeskTreeMetadata',
  method: 'GET',
  path: '/website/{website_id}/helpdesk/tree/metadata/{locale}/{content_type}/{path}',
  tiers: TIERS.unknown,
};

const updateMetadata: Operation = {
  id: 'website.updateHelpdeskTreeMetadata',
  method: 'PATCH',
  path: '/website/{website_id}/helpdesk/tree/metadata/{locale}/{content_type}/{path}',
  tiers: TIERS.unknown,
  body: metadata,
};

const place = (args: Arguments): Arguments => pick(args, ['locale', 'path', 'content_type']);

const PLACE: Fields = Object.fromEntries(
  Object.entries(PATH_FIELDS).filter(([name]) => ['locale', 'path', 'content_type'].includes(name)),
);

const readArticle: Composite = {
  tool: {
    name: 'get_single_crisp_helpdesk_article_by_id',
    title: 'Read a helpdesk article',
    description:
      'Reads one helpdesk article: metadata (title, description, state, author) and content (Markdown). Articles are addressed by locale and path, from list_all_crisp_helpdesk_articles.',
    class: 'get',
    effect: 'read',
  },
  fields: PLACE,
  operations: [readMetadata, readContent],
  plan: (args) => [
    { operation: readMetadata, arguments: place(args), label: 'metadata' },
    { operation: readContent, arguments: place(args), label: 'content', take: 'content' },
  ],
};

const updateArticle: Composite = {
  tool: {
    name: 'update_a_crisp_helpdesk_article_by_id',
    title: 'Update a helpdesk article',
    description:
      'Changes a helpdesk article: content replaces its whole text (read it first), title, description and the other metadata change only where given. Content is written first, then metadata; if the second fails the answer says what was done. It stays published or unpublished. A published article changes for the public.',
    class: 'update',
    effect: 'write',
    destructive: true,
    idempotent: true,
    openWorld: true,
  },
  fields: {
    ...PLACE,
    title: text('New title', { min: 1 }),
    description: text('New summary'),
    content,
    featured: flag('Show it prominently'),
    hidden: flag('Keep it out of lists'),
    color: text('Colour'),
    image: url('Cover image'),
    format: text('Format of the entry'),
    author: object('Shown as author', { user_id: uuid('From list_all_crisp_operators') }),
  },
  operations: [saveContent, updateMetadata],
  check: (args) => nothingToChange(args, ['locale', 'path', 'content_type']),
  plan: (args) => {
    const state = pick(args, ['featured', 'hidden']);
    const changed: Arguments = {
      ...pick(args, ['title', 'description', 'color', 'image', 'format', 'author']),
      ...(Object.keys(state).length === 0 ? {} : { state }),
    };
    return [
      ...(args.content === undefined
        ? []
        : [{ operation: saveContent, arguments: { ...place(args), content: args.content }, label: 'content' }]),
      ...(Object.keys(changed).length === 0
        ? []
        : [{ operation: updateMetadata, arguments: { ...place(args), ...changed }, label: 'metadata' }]),
    ];
  },
};

const publishArticle = publication({
  name: 'crisp_helpdesk_articles_publish',
  title: 'Publish a helpdesk article',
  description:
    'Makes a helpdesk article public. The article is addressed by locale and path, from list_all_crisp_helpdesk_articles.',
  published: true,
});

const unpublishArticle = publication({
  name: 'crisp_helpdesk_articles_unpublish',
  title: 'Unpublish a helpdesk article',
  description:
    'Takes a helpdesk article off the public site: it becomes a draft and keeps its text. The article is addressed by locale and path, from list_all_crisp_helpdesk_articles.',
  published: false,
});

function publication(facts: { name: string; title: string; description: string; published: boolean }): Composite {
  const { published, ...tool } = facts;
  return {
    tool: { ...tool, class: 'custom', effect: 'write', destructive: false, idempotent: true, openWorld: true },
    fields: PLACE,
    operations: [updateMetadata],
    plan: (args) => [
      { operation: updateMetadata, arguments: { ...place(args), state: { published } }, label: facts.title },
    ],
  };
}

function pick(args: Arguments, names: readonly string[]): Arguments {
  return Object.fromEntries(Object.entries(args).filter(([name]) => names.includes(name)));
}

export const helpdesk: Family = {
  tags: ['helpdesk'],
  operations: [listTree, readContent, saveContent, readMetadata, updateMetadata],
  composites: [readArticle, updateArticle, publishArticle, unpublishArticle],
};
