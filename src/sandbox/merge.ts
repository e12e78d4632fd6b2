/**
 * What PATCH does in Crisp: fields that are sent replace, objects merge field by field, lists are replaced whole, fields
 * that are not sent stay. Keys are copied as own properties, so `__proto__` is an ordinary key.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function mergeFields(current: Fields, changes: Fields): Fields {
  const merged = Object.entries(changes).map(([key, change]): [string, unknown] => {
    const before = Object.hasOwn(current, key) ? current[key] : undefined;
    return [key, isFields(before) && isFields(change) ? mergeFields(before, change) : change];
  });
  return { ...current, ...Object.fromEntries(merged) };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
