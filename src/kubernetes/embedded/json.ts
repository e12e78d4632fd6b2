/**
 * JSON values as the embedded API keeps them: immutable, without `undefined`, so that what is stored is exactly what a
 * server would have got over the wire.
 */
export type Json = null | boolean | number | string | JsonList | JsonObject;
export type JsonList = readonly Json[];
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is JsonList {
  return Array.isArray(value);
}

/** What `JSON.parse(JSON.stringify(value))` yields, deep-frozen. */
export function toJson(value: unknown): Json {
  if (typeof value === 'object' && value !== null) {
    if ('toJSON' in value && typeof value.toJSON === 'function') return toJson(value.toJSON());
    if (Array.isArray(value)) return Object.freeze(value.map(toJson));
    const result: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined && typeof member !== 'function') define(result, key, toJson(member));
    }
    return Object.freeze(result);
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return null;
}

export function toJsonObject(value: unknown): JsonObject {
  const json = toJson(value);
  return isObject(json) ? json : {};
}

/** A copy of `object` with `key` set, or without it when `value` is `undefined`. Keeps the order of keys. */
export function withKey(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  if (value === undefined) {
    if (!Object.hasOwn(object, key)) return object;
    const { [key]: _removed, ...rest } = object;
    return Object.freeze(rest);
  }
  const result: Record<string, Json> = { ...object };
  define(result, key, value);
  return Object.freeze(result);
}

/** A plain assignment would set the prototype for the key `__proto__`. */
export function define(target: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Reads `key` when `value` is an object that has it. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Deep equality; the order of object keys does not count. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
  }
  return false;
}
