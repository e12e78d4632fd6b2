import { InvalidData } from '../answer.ts';
import { TREE_GROUP } from '../inferred.ts';
import type { Helpdesk, TreeNode } from '../website.ts';

/** The shape of the helpdesk tree: from a flat set of nodes to nested lists, and from a node to its public page. Pure. */
export interface TreeView {
  readonly type: string;
  readonly slug: string;
  readonly title: string;
  readonly state: TreeNode['metadata']['state'];
  readonly children: readonly TreeView[];
}

const CONTENT_TYPES = ['articles', 'guides', 'references', 'news'];

export function checkContentType(contentType: string): string {
  if (CONTENT_TYPES.includes(contentType)) return contentType;
  throw new InvalidData('content_type should be equal to one of the allowed values');
}

/** The nodes right below `root`, each with its children. `narrowed` leaves out groups that hold no entry. */
export function buildTree(nodes: readonly TreeNode[], root: string, narrowed: boolean): readonly TreeView[] {
  return nodes
    .filter((node) => parentOf(node.path) === root)
    .sort((a, b) => a.position - b.position || (a.path < b.path ? -1 : 1))
    .map((node) => treeView(node, buildTree(nodes, node.path, narrowed)))
    .filter((view) => !narrowed || view.type !== TREE_GROUP || view.children.length > 0);
}

export function treeView(node: TreeNode, children: readonly TreeView[]): TreeView {
  const { title, state } = node.metadata;
  return { type: node.type, slug: slugOf(node.path), title, state, children };
}

export const slugOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The path of the group that holds a node; empty at the top. */
export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

export function isPublic(node: TreeNode): boolean {
  return node.type !== TREE_GROUP && node.metadata.state.published && !node.metadata.state.hidden;
}

export function publicPage(helpdesk: Helpdesk, node: TreeNode) {
  return {
    entity_id: node.entity_id,
    title: node.metadata.title,
    tree_path: node.path,
    url: `${helpdesk.url}${node.locale}/${node.contentType}/${node.path.replace(/\.md$/, '')}/`,
  };
}
