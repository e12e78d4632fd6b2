import type { Call } from '../handler.ts';
import { nodeKey } from '../state.ts';
import type { HelpdeskChange, TreeNode } from '../website.ts';

/** The helpdesk's history: every write goes through here, leaves a change, and can be taken back. Bounded. */
const MOST_CHANGES = 1_000;

/** Puts `after` in the place of `node` (removes it when absent) and remembers what was there. */
export function recordChange(call: Call, kind: string, node: TreeNode, after: TreeNode | undefined): void {
  const { helpdesk, operators } = call.website;
  const key = nodeKey(node.locale, node.contentType, node.path);
  const before = helpdesk.nodes.get(key);
  const [author] = operators.values();
  const change: HelpdeskChange = {
    change_id: call.state.newId(),
    message: `${kind} ${node.path}`,
    author: {
      email: author?.email ?? '',
      name: author === undefined ? '' : `${author.first_name} ${author.last_name}`,
    },
    created_at: call.now,
    locale: node.locale,
    contentType: node.contentType,
    files: [{ change: kind, path: node.path, node }],
    before: new Map([[key, before]]),
  };
  if (after === undefined) helpdesk.nodes.delete(key);
  else helpdesk.nodes.set(key, after);
  helpdesk.changes = [change, ...helpdesk.changes].slice(0, MOST_CHANGES);
}

/** Takes a change back: its nodes become what they were before it. */
export function cancelChange(call: Call, change: HelpdeskChange): void {
  const { helpdesk } = call.website;
  for (const [key, node] of change.before) {
    if (node === undefined) helpdesk.nodes.delete(key);
    else helpdesk.nodes.set(key, node);
  }
  helpdesk.changes = helpdesk.changes.filter((other) => other !== change);
}

export function changeView(change: HelpdeskChange): Readonly<Record<string, unknown>> {
  const before = lines([...change.before.values()].map((node) => node?.content ?? ''));
  const after = lines(change.files.map((file) => (file.change === 'deleted' ? '' : file.node.content)));
  return {
    change_id: change.change_id,
    message: change.message,
    author: change.author,
    edits: { insertions: countMissing(after, before), deletions: countMissing(before, after) },
    created_at: change.created_at,
    files: change.files.map(({ change: kind, path, node }) => ({
      change: kind,
      path,
      metadata: node.metadata,
      content: node.content,
    })),
  };
}

const lines = (contents: readonly string[]): readonly string[] =>
  contents.filter((content) => content !== '').flatMap((content) => content.split('\n'));

/** How many of `these` lines are not among `others`. */
function countMissing(these: readonly string[], others: readonly string[]): number {
  const known = new Set(others);
  return these.filter((line) => !known.has(line)).length;
}
