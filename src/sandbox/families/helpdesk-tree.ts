import { z } from 'zod';
import { added, deleted, InvalidData, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import {
  PAGE_NOT_PUBLISHED,
  TREE_ACTIONS,
  TREE_ENTRY,
  TREE_FORMAT,
  TREE_GROUP,
  TREE_PATH_EXISTS,
  TREE_PATH_NOT_FOUND,
} from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import { pageOf, withinDates } from '../query.ts';
import { nodeKey } from '../state.ts';
import type { TreeNode } from '../website.ts';
import { recordChange } from './helpdesk-changes.ts';
import { findPart } from './helpdesk-locales.ts';
import { buildTree, isPublic, parentOf, publicPage, slugOf, treeView } from './helpdesk-nodes.ts';

/**
 * The knowledge base's tree. An entry is a markdown file (`guides/first-steps.md`), a group is a folder; both are
 * addressed by their path inside locale and content type. Every write leaves a change in the history.
 */
export const helpdeskTree: Handlers = {
  'website.listHelpdeskTree': (call) => {
    const { nodes, place } = inTree(call);
    const text = call.query.get('search_title')?.toLowerCase() ?? '';
    const within = withinDates(call.query);
    const sought = nodes.filter(
      (node) =>
        node.type === TREE_GROUP || (within(node.updated_at) && node.metadata.title.toLowerCase().includes(text)),
    );
    const root = call.query.get('sub_path') ?? '';
    if (root !== '' && !call.website.helpdesk.nodes.has(`${place}${root}`)) throw new Refusal(TREE_PATH_NOT_FOUND);
    const narrowed = text !== '' || call.query.has('filter_date_start') || call.query.has('filter_date_end');
    return page(pageOf(call, buildTree(sought, root, narrowed)));
  },

  'website.createHelpdeskTreePath': (call) => {
    const { locale, contentType, path } = treePlace(call);
    if (call.website.helpdesk.nodes.has(nodeKey(locale, contentType, path))) throw new Refusal(TREE_PATH_EXISTS);
    const parent = parentOf(path);
    if (parent !== '' && !call.website.helpdesk.nodes.has(nodeKey(locale, contentType, parent))) {
      throw new Refusal(TREE_PATH_NOT_FOUND, `there is no ${parent}`);
    }
    write(call, 'created', newNode(call, locale, contentType, path));
    return added();
  },

  'website.resolveHelpdeskTreePath': (call) => {
    const node = findNode(call);
    return resolved(treeView(node, buildTree(inTree(call).nodes, node.path, false)));
  },

  'website.updateHelpdeskTreePath': (call) => {
    const node = findNode(call);
    const body = parseBody(PathUpdate, call.body);
    const to = body.path?.to ?? node.path;
    checkPath(to);
    if (to !== node.path) move(call, node, to);
    const moved = call.website.helpdesk.nodes.get(nodeKey(node.locale, node.contentType, to)) ?? node;
    if (body.position !== undefined) write(call, 'moved', { ...moved, position: body.position });
    return updated();
  },

  'website.deleteHelpdeskTreePath': (call) => {
    const node = findNode(call);
    for (const below of [...inTree(call).nodes.filter((other) => isBelow(other, node)), node]) {
      recordChange(call, 'deleted', below, undefined);
    }
    return deleted();
  },

  'website.resolveHelpdeskTreeContent': (call) => resolved({ content: findNode(call).content }),
  'website.saveHelpdeskTreeContent': (call) => {
    const node = findNode(call);
    write(call, 'updated', { ...node, content: parseBody(Content, call.body).content });
    return saved();
  },

  'website.resolveHelpdeskTreeMetadata': (call) => resolved(findNode(call).metadata),
  'website.updateHelpdeskTreeMetadata': (call) => {
    const node = findNode(call);
    const merged = mergeFields({ ...node.metadata }, parseBody(MetadataUpdate, call.body));
    write(call, 'updated', { ...node, metadata: parseBody(Metadata, merged) });
    return updated();
  },

  'website.resolveHelpdeskTreePage': (call) => {
    const node = findNode(call);
    if (!isPublic(node)) throw new Refusal(PAGE_NOT_PUBLISHED);
    const { title, url } = publicPage(call.website.helpdesk, node);
    return resolved({ title, url });
  },

  'website.listHelpdeskPages': (call) =>
    page(
      pageOf(
        call,
        inTree(call)
          .nodes.filter(isPublic)
          .map((node) => publicPage(call.website.helpdesk, node)),
      ),
    ),
  'website.resolveHelpdeskPageEntity': (call) => {
    const node = inTree(call).nodes.find((other) => other.entity_id === param(call, 'entity_id'));
    if (node === undefined || !isPublic(node)) throw new Refusal(PAGE_NOT_PUBLISHED);
    return resolved(publicPage(call.website.helpdesk, node));
  },
};

const LONGEST_CONTENT = 500_000;

const Content = z.strictObject({ content: z.string().max(LONGEST_CONTENT) });
const PathUpdate = z.strictObject({
  action: z.enum(TREE_ACTIONS),
  path: z.strictObject({ to: z.string() }).optional(),
  position: z.int().min(0).optional(),
});
const text = z.string().max(10_000);
const Metadata = z.strictObject({
  format: text,
  title: text,
  description: text,
  state: z.strictObject({ published: z.boolean(), hidden: z.boolean(), featured: z.boolean() }),
  author: z.strictObject({ user_id: text }),
  color: text,
  image: text,
});
const MetadataUpdate = Metadata.partial().extend({ state: Metadata.shape.state.partial().optional() });

/** Every node of the locale and content type that the route names. */
function inTree(call: Call): { nodes: readonly TreeNode[]; place: string } {
  const { locale, contentType } = findPart(call);
  const { helpdesk } = call.website;
  const place = nodeKey(locale, contentType, '');
  const nodes = [...helpdesk.nodes].filter(([key]) => key.startsWith(place)).map(([, node]) => node);
  return { nodes, place };
}

function treePlace(call: Call): { locale: string; contentType: string; path: string } {
  inTree(call);
  const path = param(call, 'path');
  checkPath(path);
  return { locale: param(call, 'locale'), contentType: param(call, 'content_type'), path };
}

function checkPath(path: string): void {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new InvalidData('path should match pattern "^[^/]+(/[^/]+)*$"');
  }
}

function findNode(call: Call): TreeNode {
  const { locale, contentType, path } = treePlace(call);
  const node = call.website.helpdesk.nodes.get(nodeKey(locale, contentType, path));
  if (node === undefined) throw new Refusal(TREE_PATH_NOT_FOUND);
  return node;
}

function newNode(call: Call, locale: string, contentType: string, path: string): TreeNode {
  const [author = ''] = call.website.operators.keys();
  const slug = slugOf(path).replace(/\.md$/, '');
  return {
    entity_id: call.state.newId(),
    type: path.endsWith('.md') ? TREE_ENTRY : TREE_GROUP,
    locale,
    contentType,
    path,
    position: inTree(call).nodes.filter((node) => parentOf(node.path) === parentOf(path)).length,
    metadata: {
      format: TREE_FORMAT,
      title: slug.replaceAll('-', ' '),
      description: '',
      state: { published: false, hidden: false, featured: false },
      author: { user_id: author },
      color: '',
      image: '',
    },
    content: '',
    created_at: call.now,
    updated_at: call.now,
  };
}

function move(call: Call, node: TreeNode, to: string): void {
  const { nodes } = call.website.helpdesk;
  const target = nodeKey(node.locale, node.contentType, to);
  if (nodes.has(target)) throw new Refusal(TREE_PATH_EXISTS);
  if (isBelow({ ...node, path: to }, node)) throw new InvalidData('data.path.to should NOT be below the path itself');
  const parent = parentOf(to);
  if (parent !== '' && !nodes.has(nodeKey(node.locale, node.contentType, parent))) {
    throw new Refusal(TREE_PATH_NOT_FOUND, `there is no ${parent}`);
  }
  for (const moved of [node, ...inTree(call).nodes.filter((other) => isBelow(other, node))]) {
    const path = `${to}${moved.path.slice(node.path.length)}`;
    recordChange(call, 'deleted', moved, undefined);
    write(call, 'moved', { ...moved, path });
  }
}

const isBelow = (node: TreeNode, ancestor: TreeNode): boolean => node.path.startsWith(`${ancestor.path}/`);

function write(call: Call, kind: string, node: TreeNode): void {
  recordChange(call, kind, node, { ...node, updated_at: call.now });
}
