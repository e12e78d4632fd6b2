import { equal, isList, isObject, type Json, type JsonList, type JsonObject, member } from './json.ts';
import { childOf, type SchemaNode, scalar } from './structural-schema.ts';

/**
 * Sets of fields for server-side apply, after the structured-merge-diff library: a path is a list of elements `f:name`
 * (a field), `k:{...}` (an item of a keyed list) and `v:...` (an item of a set), kept as one string. Only leaves, items
 * and keys of free maps are members; a granular object or list is owned through what is in it.
 */
export type FieldPath = string;
export type FieldSet = ReadonlySet<FieldPath>;

const SEPARATOR = '\n';

export function within(parent: FieldPath, element: string): FieldPath {
  return parent === '' ? element : `${parent}${SEPARATOR}${element}`;
}

export function isBelow(path: FieldPath, ancestor: FieldPath): boolean {
  return path.startsWith(ancestor + SEPARATOR);
}

/** As the server writes a path in a message: `.data.key`, `.status.conditions[type="Ready"].reason`. */
export function printPath(path: FieldPath): string {
  return path
    .split(SEPARATOR)
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys: unknown = JSON.parse(element.slice(2));
      const pairs = Object.entries(isObject(keys) ? keys : {});
      return `[${pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** Element of a list item under its list's kind; `undefined` in an atomic list. */
export function itemElement(node: SchemaNode, item: Json): string | undefined {
  const { list } = node;
  if (list.kind === 'set') return `v:${JSON.stringify(item)}`;
  if (list.kind === 'atomic') return undefined;
  const keys = [...list.keys].sort().map((key) => [key, member(item, key) ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

/** Whether apply merges the value member by member rather than replacing it whole. */
export function isGranular(node: SchemaNode, value: Json | undefined): value is JsonObject | JsonList {
  return isObject(value) ? !node.atomic : isList(value) && node.list.kind !== 'atomic';
}

/** Members of a granular value with their elements and schemas. */
export function members(
  node: SchemaNode,
  value: JsonObject | JsonList,
): { element: string; value: Json; node: SchemaNode; isOwnMember: boolean }[] {
  if (isList(value)) {
    return value.map((item) => ({
      element: itemElement(node, item) ?? '',
      value: item,
      node: node.items ?? scalar,
      isOwnMember: true,
    }));
  }
  return Object.entries(value).map(([key, child]) => ({
    element: `f:${key}`,
    value: child,
    node: childOf(node, key) ?? scalar,
    isOwnMember: node.properties?.has(key) !== true || (isObject(child) && Object.keys(child).length === 0),
  }));
}

/** The members that a value sets. */
export function fieldsOf(
  node: SchemaNode,
  value: Json,
  path: FieldPath = '',
  into = new Set<FieldPath>(),
): Set<FieldPath> {
  if (!isGranular(node, value)) {
    if (path !== '') into.add(path);
    return into;
  }
  for (const child of members(node, value)) {
    const childPath = within(path, child.element);
    if (child.isOwnMember) into.add(childPath);
    fieldsOf(child.node, child.value, childPath, into);
  }
  return into;
}

export interface Comparison {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** Paths that differ: changed or added in `after`, and those that only `before` has; granular values are paths too. */
export function compare(node: SchemaNode, before: Json | undefined, after: Json | undefined): Comparison {
  const changed = new Set<FieldPath>();
  const removed = new Set<FieldPath>();
  walk(node, before, after, '');
  return { changed, removed };

  function walk(at: SchemaNode, old: Json | undefined, now: Json | undefined, path: FieldPath): void {
    if (now === undefined) {
      if (old !== undefined) allPaths(at, old, path, removed);
      return;
    }
    if (old === undefined) {
      allPaths(at, now, path, changed);
      return;
    }
    if (!isGranular(at, old) || !isGranular(at, now) || isList(old) !== isList(now)) {
      if (!equal(old, now)) changed.add(path);
      return;
    }
    const oldMembers = new Map(members(at, old).map((child) => [child.element, child]));
    for (const child of members(at, now)) {
      const childPath = within(path, child.element);
      const previous = oldMembers.get(child.element);
      oldMembers.delete(child.element);
      walk(child.node, previous?.value, child.value, childPath);
    }
    for (const child of oldMembers.values()) {
      const childPath = within(path, child.element);
      walk(child.node, child.value, undefined, childPath);
    }
  }
}

/** Every path in a value, those of granular objects and lists included. */
function allPaths(node: SchemaNode, value: Json, path: FieldPath = '', into = new Set<FieldPath>()): Set<FieldPath> {
  if (path !== '') into.add(path);
  if (isGranular(node, value)) {
    for (const child of members(node, value)) {
      allPaths(child.node, child.value, within(path, child.element), into);
    }
  }
  return into;
}

/** `FieldsV1`, the form in `metadata.managedFields`. */
export function encodeFields(fields: FieldSet): JsonObject {
  interface Branch {
    children: Map<string, Branch>;
    isMember: boolean;
  }
  const root: Branch = { children: new Map(), isMember: false };
  for (const path of [...fields].sort()) {
    let branch = root;
    for (const element of path.split(SEPARATOR)) {
      const next = branch.children.get(element) ?? { children: new Map(), isMember: false };
      branch.children.set(element, next);
      branch = next;
    }
    branch.isMember = true;
  }
  const write = (branch: Branch): JsonObject =>
    Object.freeze({
      ...(branch.isMember && branch.children.size > 0 ? { '.': Object.freeze({}) } : {}),
      ...Object.fromEntries([...branch.children].map(([element, child]) => [element, write(child)])),
    });
  return write(root);
}

export function decodeFields(json: Json | undefined): Set<FieldPath> {
  const fields = new Set<FieldPath>();
  const read = (node: Json | undefined, path: FieldPath): void => {
    if (!isObject(node)) return;
    const elements = Object.entries(node);
    if (path !== '' && (elements.length === 0 || Object.hasOwn(node, '.'))) fields.add(path);
    for (const [element, child] of elements) if (element !== '.') read(child, within(path, element));
  };
  read(json, '');
  return fields;
}
