import {
  compare,
  decodeFields,
  encodeFields,
  type FieldPath,
  type FieldSet,
  fieldsOf,
  isBelow,
  isGranular,
  itemElement,
  printPath,
  within,
} from './field-sets.ts';
import { equal, isList, isObject, type Json, type JsonList, type JsonObject, member, text, withKey } from './json.ts';
import { childOf, type SchemaNode, scalar } from './structural-schema.ts';

/**
 * Field ownership. Every write is recorded under its manager in `metadata.managedFields`; an apply merges what the
 * manager wants, removes what it wanted before and nobody else owns, and conflicts where another owner's value would
 * change. Pure: the result is a new object and a new list of owners. After the structured-merge-diff library.
 */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

export interface FieldOwner extends Writer {
  readonly time: string;
  readonly fields: FieldSet;
}

export interface Conflict {
  readonly owner: FieldOwner;
  readonly fields: readonly FieldPath[];
}

/** Fields nobody owns: identity and what the server itself writes. */
const UNOWNED = ['apiVersion', 'kind', 'metadata\nf:name', 'metadata\nf:namespace', 'metadata\nf:uid']
  .concat(['resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'].map((f) => `metadata\nf:${f}`))
  .concat(['managedFields', 'deletionGracePeriodSeconds', 'generateName'].map((f) => `metadata\nf:${f}`))
  .map((path) => `f:${path}`);

export function apply(
  node: SchemaNode,
  live: JsonObject,
  wanted: JsonObject,
  owners: readonly FieldOwner[],
  writer: Writer,
  options: { force: boolean; time: string },
): { object: JsonObject; owners: FieldOwner[] } | { conflicts: Conflict[] } {
  const known = owners.length === 0 ? ownedBefore(node, live, writer, options.time) : owners;
  const mine = known.find((owner) => isSameWriter(owner, writer));
  const others = known.filter((owner) => owner !== mine);
  const fields = ownable(fieldsOf(node, wanted));
  const dropped = [...(mine?.fields ?? [])].filter((path) => !fields.has(path));
  const kept = [fields, ...others.map((owner) => owner.fields)];
  const abandoned = new Set(dropped.filter((path) => !kept.some((set) => ownsAtOrBelow(set, path))));
  const merged = merge(node, live, wanted);
  const isKept = (path: FieldPath) => kept.some((set) => set.has(path));
  const pruned = abandoned.size === 0 ? merged : (remove(node, merged, '', abandoned, isKept) ?? {});
  const candidate = isObject(pruned) ? pruned : {};
  const { changed, removed } = compare(node, live, candidate);
  const conflicts = others.flatMap((owner) => {
    const taken = [...owner.fields].filter((path) => changed.has(path));
    return taken.length === 0 ? [] : [{ owner, fields: taken }];
  });
  if (conflicts.length > 0 && !options.force) return { conflicts };
  const isSame = equal(live, candidate);
  const next = others.map((owner) => ({ ...owner, fields: without(owner.fields, changed) }));
  const unchanged = isSame && mine !== undefined && isSameSet(mine.fields, fields);
  const entry = { ...writer, time: unchanged ? mine.time : options.time, fields };
  return { object: candidate, owners: remaining([...next, entry], removed) };
}

/** What is in an object that nobody owns belongs to a manager of this name, as on the server. */
function ownedBefore(node: SchemaNode, live: JsonObject, { apiVersion }: Writer, time: string): FieldOwner[] {
  const before = { manager: 'before-first-apply', operation: 'Update', apiVersion, subresource: undefined } as const;
  return trackUpdate(node, {}, live, [], before, time);
}

/** Ownership after a write that is not an apply: the writer owns what it changed. */
export function trackUpdate(
  node: SchemaNode,
  before: JsonObject,
  after: JsonObject,
  owners: readonly FieldOwner[],
  writer: Writer,
  time: string,
): FieldOwner[] {
  const comparison = compare(node, before, after);
  const changed = ownable(comparison.changed);
  if (changed.size === 0 && comparison.removed.size === 0) return [...owners];
  const mine = owners.find((owner) => isSameWriter(owner, writer));
  const others = owners
    .filter((owner) => owner !== mine)
    .map((owner) => ({ ...owner, fields: without(owner.fields, changed) }));
  const entry = { ...writer, time, fields: new Set([...(mine?.fields ?? []), ...changed]) };
  return remaining([...others, entry], comparison.removed);
}

export function readOwners(managedFields: Json | undefined): FieldOwner[] {
  if (!isList(managedFields)) return [];
  return managedFields.map((entry) => ({
    manager: text(member(entry, 'manager')) ?? '',
    operation: member(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
    apiVersion: text(member(entry, 'apiVersion')) ?? '',
    subresource: text(member(entry, 'subresource')),
    time: text(member(entry, 'time')) ?? '',
    fields: decodeFields(member(entry, 'fieldsV1')),
  }));
}

export function writeOwners(owners: readonly FieldOwner[]): JsonList {
  return Object.freeze(
    owners.map((owner) =>
      Object.freeze({
        manager: owner.manager,
        operation: owner.operation,
        apiVersion: owner.apiVersion,
        time: owner.time,
        fieldsType: 'FieldsV1',
        fieldsV1: encodeFields(owner.fields),
        ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
      }),
    ),
  );
}

/** `Apply failed with 1 conflict: conflict with "other": .data.key` */
export function describeConflicts(conflicts: readonly Conflict[]): string {
  const count = conflicts.reduce((sum, conflict) => sum + conflict.fields.length, 0);
  const parts = conflicts.map(({ owner, fields }) => {
    const subresource = owner.subresource === undefined ? '' : ` with subresource "${owner.subresource}"`;
    const how = owner.operation === 'Update' ? ` using ${owner.apiVersion}` : '';
    const paths = fields.map(printPath).sort();
    const list = paths.length === 1 ? ` ${paths.join('')}` : `\n- ${paths.join('\n- ')}`;
    return `${fields.length === 1 ? 'conflict' : 'conflicts'} with "${owner.manager}"${subresource}${how}:${list}`;
  });
  return `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${parts.join('\n')}`;
}

function merge(node: SchemaNode, live: Json | undefined, wanted: Json): Json {
  if (!isGranular(node, wanted) || !isGranular(node, live) || isList(wanted) !== isList(live)) return wanted;
  if (isList(wanted)) return isList(live) ? mergeLists(node, live, wanted) : wanted;
  return Object.entries(wanted).reduce<JsonObject>(
    (result, [key, value]) => withKey(result, key, merge(childOf(node, key) ?? scalar, member(live, key), value)),
    isObject(live) ? live : {},
  );
}

/** Items of both lists: the wanted order for those wanted, the others where they were between them. */
function mergeLists(node: SchemaNode, live: JsonList, wanted: JsonList): JsonList {
  const keyed = (list: JsonList) => new Map(list.map((item) => [itemElement(node, item) ?? '', item]));
  const [before, after] = [keyed(live), keyed(wanted)];
  const [left, right] = [[...before.keys()], [...after.keys()]];
  const shared = right.filter((element) => before.has(element));
  const take = (element: string) => {
    const item = after.get(element) ?? before.get(element) ?? null;
    return after.has(element) && before.has(element) ? merge(node.items ?? scalar, before.get(element), item) : item;
  };
  const result: Json[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [fromLeft, fromRight] = [left[l], right[r]];
    if (fromLeft !== undefined && !after.has(fromLeft)) {
      result.push(take(fromLeft));
      l += 1;
    } else if (fromLeft !== undefined && fromRight !== undefined && fromLeft !== fromRight && fromLeft !== shared[0]) {
      // A shared item in another place: it comes when the wanted list reaches it.
      l += 1;
    } else if (fromRight !== undefined) {
      result.push(take(fromRight));
      if (fromRight === fromLeft) l += 1;
      if (fromRight === shared[0]) shared.shift();
      r += 1;
    } else {
      l += 1;
    }
  }
  return Object.freeze(result);
}

/** The value without the abandoned paths. When nothing is left: `undefined`, or null where the value itself is kept. */
function remove(
  node: SchemaNode,
  value: Json,
  path: FieldPath,
  abandoned: FieldSet,
  isKept: (path: FieldPath) => boolean,
): Json | undefined {
  if (path !== '' && abandoned.has(path)) return undefined;
  if (!isGranular(node, value) || ![...abandoned].some((other) => path === '' || isBelow(other, path))) return value;
  const rest = (child: SchemaNode | undefined, item: Json, element: string) =>
    remove(child ?? scalar, item, within(path, element), abandoned, isKept);
  const left = isList(value)
    ? Object.freeze(value.flatMap((item) => rest(node.items, item, itemElement(node, item) ?? '') ?? []))
    : Object.entries(value).reduce<JsonObject>(
        (result, [key, child]) => withKey(result, key, rest(childOf(node, key), child, `f:${key}`)),
        value,
      );
  if (Object.keys(left).length > 0) return left;
  return isKept(path) ? null : undefined;
}

function ownable(fields: FieldSet): Set<FieldPath> {
  return new Set([...fields].filter((path) => path !== 'f:metadata' && !UNOWNED.includes(path)));
}

function ownsAtOrBelow(fields: FieldSet, path: FieldPath): boolean {
  return fields.has(path) || [...fields].some((other) => isBelow(other, path));
}

/** Owners without what was removed; an owner of nothing is none. */
function remaining(owners: readonly FieldOwner[], removed: FieldSet): FieldOwner[] {
  return owners
    .map((owner) => ({ ...owner, fields: without(owner.fields, removed) }))
    .filter((owner) => owner.fields.size > 0);
}

function isSameWriter(a: Writer, b: Writer): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    a.subresource === b.subresource
  );
}

function without(fields: FieldSet, taken: FieldSet): FieldSet {
  return new Set([...fields].filter((path) => !taken.has(path)));
}

function isSameSet(a: FieldSet, b: FieldSet): boolean {
  return a.size === b.size && [...a].every((path) => b.has(path));
}
