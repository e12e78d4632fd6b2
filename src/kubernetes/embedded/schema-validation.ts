import { equal, isList, isObject, type Json, type JsonList, member } from './json.ts';
import type { SchemaNode } from './structural-schema.ts';

/**
 * Checks a value against a structural schema and its rules. Violations read as the API server's: path, kind of error,
 * what was expected. Rules run only when no type, required field, enum or upper bound is violated, as on the server.
 */
export function validate(node: SchemaNode, value: Json, before: Json | undefined, path: string): string[] {
  const found: Violation[] = [];
  checkShape(node, value, path, found);
  if (found.some((violation) => violation.blocks)) {
    const note =
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    return [...found.map((violation) => violation.message), note];
  }
  const broken: string[] = [];
  checkRules(node, value, before, path, broken);
  return [...found.map((violation) => violation.message), ...broken];
}

interface Violation {
  readonly message: string;
  /** Whether rules are skipped because of it. */
  readonly blocks: boolean;
}

function checkShape(node: SchemaNode, value: Json, path: string, found: Violation[]): void {
  const type = typeOf(value);
  if (node.type !== undefined && type !== node.type && !(node.type === 'number' && type === 'integer')) {
    const message = `${path}: Invalid value: "${type}": ${path} in body must be of type ${node.type}: "${type}"`;
    found.push({ message, blocks: true });
    return;
  }
  checkBounds(node, value, path, found);
  if (isList(value)) {
    value.forEach((item, index) => {
      if (node.items !== undefined) checkShape(node.items, item, `${path}[${index}]`, found);
    });
    found.push(...duplicates(node, value, path));
  } else if (isObject(value)) {
    for (const name of node.required) {
      if (!Object.hasOwn(value, name)) found.push({ message: `${path}.${name}: Required value`, blocks: true });
    }
    for (const [key, child] of Object.entries(value)) {
      const property = node.properties?.get(key);
      if (property !== undefined) checkShape(property, child, `${path}.${key}`, found);
    }
  }
}

function checkBounds(node: SchemaNode, value: Json, path: string, found: Violation[]): void {
  const { bounds } = node;
  const add = (blocks: boolean, message: string) => found.push({ blocks, message: `${path}: ${message}` });
  const invalid = (expectation: string) =>
    add(false, `Invalid value: ${JSON.stringify(value)}: ${path} in body should ${expectation}`);
  if (bounds.values !== undefined && !bounds.values.some((allowed) => equal(allowed, value))) {
    const supported = bounds.values.map((allowed) => JSON.stringify(allowed)).join(', ');
    add(true, `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`);
  }
  if (typeof value === 'string') {
    const length = [...value].length;
    if (bounds.maxLength !== undefined && length > bounds.maxLength) {
      add(true, `Too long: may not be more than ${bounds.maxLength} bytes`);
    }
    if (bounds.minLength !== undefined && length < bounds.minLength) {
      invalid(`be at least ${bounds.minLength} chars long`);
    }
    if (bounds.pattern !== undefined && !bounds.pattern.test(value)) invalid(`match '${bounds.pattern.source}'`);
    if (bounds.dateTime === true && !isDateTime(value)) {
      add(false, `Invalid value: ${JSON.stringify(value)}: ${path} in body must be of type date-time: "${value}"`);
    }
  }
  if (isList(value)) {
    if (bounds.maxItems !== undefined && value.length > bounds.maxItems) {
      add(true, `Too many: ${value.length}: must have at most ${bounds.maxItems} items`);
    }
    if (bounds.minItems !== undefined && value.length < bounds.minItems) {
      add(false, `Invalid value: ${value.length}: ${path} in body should have at least ${bounds.minItems} items`);
    }
  }
  if (typeof value === 'number') {
    if (bounds.minimum !== undefined && value < bounds.minimum) {
      invalid(`be greater than or equal to ${bounds.minimum}`);
    }
    if (bounds.maximum !== undefined && value > bounds.maximum) {
      invalid(`be less than or equal to ${bounds.maximum}`);
    }
  }
}

function duplicates(node: SchemaNode, value: JsonList, path: string): Violation[] {
  const { list } = node;
  if (list.kind === 'atomic') return [];
  const identities = value.map((item) =>
    list.kind === 'set' ? item : Object.fromEntries(list.keys.map((key) => [key, member(item, key) ?? null])),
  );
  return identities.flatMap((identity, index) =>
    identities.slice(0, index).some((earlier) => equal(earlier, identity))
      ? [{ message: `${path}[${index}]: Duplicate value: ${JSON.stringify(identity)}`, blocks: false }]
      : [],
  );
}

function checkRules(node: SchemaNode, value: Json, before: Json | undefined, path: string, broken: string[]): void {
  for (const { rule, message } of node.rules) {
    if (rule.isTransition && before === undefined) continue;
    if (!rule.holds(value, before)) broken.push(`${path}: Invalid value: ${shown(value)}: ${message}`);
  }
  if (isList(value)) {
    const { items, list } = node;
    if (items === undefined) return;
    value.forEach((item, index) => {
      // Only items of a keyed list have a past; those of other lists cannot be told apart.
      const previous =
        list.kind === 'map' && isList(before)
          ? before.find((other) => list.keys.every((key) => equal(member(other, key), member(item, key))))
          : undefined;
      checkRules(items, item, previous, `${path}[${index}]`, broken);
    });
  } else if (isObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      const property = node.properties?.get(key);
      if (property !== undefined) checkRules(property, child, member(before, key), `${path}.${key}`, broken);
    }
  }
}

function shown(value: Json): string {
  return JSON.stringify(value).slice(0, 1024);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** `strfmt` date-time, which the API server checks: RFC 3339 with a calendar date that exists. */
function isDateTime(value: string): boolean {
  if (!DATE_TIME.test(value)) return false;
  const day = value.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === day;
}
