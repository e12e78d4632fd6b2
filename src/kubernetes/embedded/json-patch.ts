import { equal, isList, isObject, type Json, type JsonList, toJson, withKey } from './json.ts';

/**
 * JSON patch, RFC 6902, with the operations the project sends: add, replace, remove, test. All operations hold or none:
 * the first that does not apply throws {@link JsonPatchError}.
 */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
  readonly code = 'JSON_PATCH_NOT_APPLICABLE';
}

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'test' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export function jsonPatch(target: Json, operations: readonly PatchOperation[]): Json {
  return operations.reduce<Json>((document, operation) => {
    const value = toJson(operation.value);
    return edit(document, pointer(operation.path), operation, value);
  }, target);
}

function pointer(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw new JsonPatchError(`path "${path}" does not start with "/"`);
  return path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function edit(node: Json | undefined, path: readonly string[], operation: PatchOperation, value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return atRoot(node, operation, value);
  if (isList(node)) return editList(node, key, rest, operation, value);
  if (!isObject(node)) throw new JsonPatchError(`${operation.op} "${operation.path}": there is no such path`);
  const present = Object.hasOwn(node, key) ? node[key] : undefined;
  if (rest.length > 0) return withKey(node, key, edit(present, rest, operation, value));
  if (operation.op === 'add') return withKey(node, key, value);
  if (operation.op === 'test') {
    expectEqual(present ?? null, operation, value);
    return node;
  }
  if (present === undefined) throw new JsonPatchError(`${operation.op} "${operation.path}": there is no such path`);
  return withKey(node, key, operation.op === 'remove' ? undefined : value);
}

function editList(list: JsonList, key: string, rest: readonly string[], operation: PatchOperation, value: Json): Json {
  const index = key === '-' ? list.length : /^(0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
  const inserts = rest.length === 0 && operation.op === 'add';
  if (!(index < list.length || (inserts && index === list.length))) {
    throw new JsonPatchError(`${operation.op} "${operation.path}": the list has no item ${key}`);
  }
  if (inserts) return Object.freeze(list.toSpliced(index, 0, value));
  if (rest.length > 0) return Object.freeze(list.with(index, edit(list[index], rest, operation, value)));
  if (operation.op === 'test') {
    expectEqual(list[index], operation, value);
    return list;
  }
  return Object.freeze(operation.op === 'remove' ? list.toSpliced(index, 1) : list.with(index, value));
}

function atRoot(node: Json | undefined, operation: PatchOperation, value: Json): Json {
  if (operation.op === 'remove') throw new JsonPatchError('the whole document cannot be removed');
  if (operation.op !== 'test') return value;
  expectEqual(node, operation, value);
  return node ?? null;
}

function expectEqual(present: Json | undefined, operation: PatchOperation, value: Json): void {
  if (!equal(present, value)) throw new JsonPatchError(`test "${operation.path}": the value is another one`);
}
