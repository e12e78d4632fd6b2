import type { Arguments } from '../fields.ts';
import { required, text, whole } from '../fields.ts';
import { type Family, type Operation, TIERS } from '../operation.ts';
import { nothingToChange } from './shapes.ts';

/** Places in the helpdesk tree: making, looking at, moving and deleting them, and the public pages they have. */
const PATH = '/website/{website_id}/helpdesk/tree/path/{locale}/{content_type}/{path}';

const createPath: Operation = {
  id: 'website.createHelpdeskTreePath',
  method: 'POST',
  path: PATH,
  tiers: TIERS.unknown,
  parameters: {
    path: required(
      text('New path, such as orders/refunds.md; folders as list_all_crisp_helpdesk_articles has them', {
        min: 1,
        max: 1024,
      }),
    ),
  },
  tool: {
    name: 'create_a_crisp_helpdesk_article',
    title: 'Create a helpdesk article',
    description:
      'Creates an article without text at a path of the helpdesk: folders and a name that ends in .md. update_a_crisp_helpdesk_article_by_id gives it title and text, crisp_helpdesk_articles_publish makes it public. Whether missing folders are made with it is not documented.',
    class: 'create',
  },
};

const resolvePath: Operation = {
  id: 'website.resolveHelpdeskTreePath',
  method: 'GET',
  path: PATH,
  tiers: TIERS.unknown,
  tool: {
    name: 'get_single_crisp_helpdesk_tree_path_by_id',
    title: 'Get a place in the helpdesk tree',
    description:
      'Gets one article or folder as the tree has it: type, slug, title, state and children. get_single_crisp_helpdesk_article_by_id gets the text.',
    class: 'get',
  },
};

const updatePath: Operation = {
  id: 'website.updateHelpdeskTreePath',
  method: 'PATCH',
  path: PATH,
  tiers: TIERS.unknown,
  body: {
    action: required(text('Such as move or order; its values are not documented', { min: 1 })),
    to: text('New path', { min: 1 }),
    position: whole('New place among its neighbours'),
  },
  toBody: ({ action = '', to, position }) => ({
    action,
    ...(to === undefined ? {} : { path: { to } }),
    ...(position === undefined ? {} : { position }),
  }),
  check: (args: Arguments) => nothingToChange(args, ['locale', 'content_type', 'path', 'action']),
  tool: {
    name: 'crisp_helpdesk_articles_move',
    title: 'Move a helpdesk article',
    description:
      'Moves an article or folder to another path of the helpdesk, or to another position. Public addresses may change with it; create_a_crisp_helpdesk_redirection keeps an old one alive.',
    class: 'custom',
    openWorld: true,
  },
};

const deletePath: Operation = {
  id: 'website.deleteHelpdeskTreePath',
  method: 'DELETE',
  path: PATH,
  tiers: TIERS.unknown,
  tool: {
    name: 'delete_a_crisp_helpdesk_article',
    title: 'Delete a helpdesk article',
    description:
      'Deletes an article, or a folder with what is in it, from the helpdesk and its public site. crisp_helpdesk_articles_unpublish hides an article and keeps it.',
    class: 'delete',
    openWorld: true,
  },
};

const resolvePage: Operation = {
  id: 'website.resolveHelpdeskTreePage',
  method: 'GET',
  path: '/website/{website_id}/helpdesk/tree/page/{locale}/{content_type}/{path}',
  tiers: TIERS.unknown,
  tool: {
    name: 'get_single_crisp_helpdesk_article_page_by_id',
    title: 'Get the public page of an article',
    description: 'Gets title and URL of the public page of a helpdesk article, addressed by its path.',
    class: 'get',
  },
};

const listPages: Operation = {
  id: 'website.listHelpdeskPages',
  method: 'GET',
  path: '/website/{website_id}/helpdesk/page/list/{locale}/{content_type}/{page_number}',
  tiers: TIERS.unknown,
  answer: { page: {} },
  tool: {
    name: 'list_all_crisp_helpdesk_pages',
    title: 'List public helpdesk pages',
    description: 'Lists the public pages of the helpdesk in one locale: entity_id, title, tree_path and URL.',
    class: 'list',
  },
};

const resolveEntity: Operation = {
  id: 'website.resolveHelpdeskPageEntity',
  method: 'GET',
  path: '/website/{website_id}/helpdesk/page/entity/{locale}/{content_type}/{entity_id}',
  tiers: TIERS.unknown,
  tool: {
    name: 'get_single_crisp_helpdesk_page_by_id',
    title: 'Get a public helpdesk page',
    description: 'Gets one public page of the helpdesk by its entity_id: title, tree_path and URL.',
    class: 'get',
  },
};

export const helpdeskTree: Family = {
  tags: ['helpdesk'],
  operations: [createPath, resolvePath, updatePath, deletePath, resolvePage, listPages, resolveEntity],
};
