import type { Shape } from '../catalog/reference.ts';

/**
 * Where an answer is not what the reference says: another type, a member that it does not have, nothing where it has
 * something. Which members are always there is not published, so that one may be missing.
 */
export function answerDifferences(shape: Shape | undefined, data: unknown, place = 'data'): readonly string[] {
  if (shape === null || shape === undefined)
    return isObject(data) && 'exists' in data ? [] : [`${place} should tell whether it exists`];
  if (typeof shape === 'string')
    return fits(shape, data) ? [] : [`${place} should be ${shape}: ${JSON.stringify(data)}`];
  if (isList(shape)) {
    if (!Array.isArray(data)) return [`${place} should be a list`];
    return data
      .slice(0, 3)
      .flatMap((item: unknown, index) => answerDifferences(shape[0] ?? 'any', item, `${place}[${index}]`));
  }
  if (shape.oneOf !== undefined) {
    const fitting = isList(shape.oneOf) && shape.oneOf.some((one) => answerDifferences(one, data, place).length === 0);
    return fitting ? [] : [`${place} is none of the shapes: ${JSON.stringify(data)}`];
  }
  // Nothing stands for a thing that is not there, such as the operator of a conversation that nobody has.
  if (data === null && place !== 'data') return [];
  if (!isObject(data)) return [`${place} should be an object`];
  const any = shape['*'];
  const members = Object.entries(data);
  if (place === 'data' && members.length === 0 && Object.keys(shape).length > 0 && any === undefined)
    return [`${place} is empty`];
  return members.flatMap(([name, value]) => {
    const inner = shape[name] ?? shape[`${name}!`] ?? any;
    if (inner === undefined) return [`${place}.${name} is not in the reference`];
    return answerDifferences(inner, value, `${place}.${name}`);
  });
}

function fits(shape: string, value: unknown): boolean {
  const [kind = ''] = shape.split(' ');
  if (value === null || kind === 'any') return true;
  switch (kind) {
    case 'integer':
    case 'integer(ms)':
      return Number.isInteger(value);
    case 'number':
    case 'boolean':
    case 'string':
      return typeof value === kind;
    case 'object':
      return isObject(value);
    default:
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: Shape): value is readonly Shape[] {
  return Array.isArray(value);
}
