import type { ErrorObject } from 'ajv';
import type { Fields } from '../catalog/fields.ts';
import { explainMistake } from '../catalog/identifiers.ts';
import type { Problem } from '../catalog/operation.ts';

/**
 * What a validator found, as a sentence that tells a model what would be right. A value is repeated only where it is one
 * of a closed set, a number, or an identifier: never where it could be a secret.
 */
export function describeProblem(error: ErrorObject, fields: Fields): Problem | undefined {
  const field = fieldPath(error.instancePath);
  const { params } = error;
  switch (error.keyword) {
    case 'if':
      return undefined;
    case 'required':
      return requiredProblem(
        join(field, String(params.missingProperty)),
        String(params.missingProperty),
        field,
        fields,
      );
    case 'additionalProperties':
      return unknownProblem(
        field,
        String(params.additionalProperty),
        Object.keys(error.parentSchema?.properties ?? {}),
      );
    case 'type':
      return {
        field: field === '' ? '(arguments)' : field,
        message: `must be ${typeNames(params.type)}, not ${typeOf(error.data)}`,
      };
    case 'enum':
      return { field, message: `must be one of ${listOf(params.allowedValues)}${shown(error.data)}` };
    case 'pattern':
    case 'format':
      return { field, message: explainForm(field, error) };
    case 'minimum':
      return { field, message: `must be at least ${params.limit}${shown(error.data)}` };
    case 'maximum':
      return { field, message: maximumMessage(field, params.limit, error.data) };
    case 'minLength':
      return {
        field,
        message: params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`,
      };
    case 'maxLength':
      return { field, message: `must have at most ${params.limit} characters, not ${String(error.data).length}` };
    case 'minItems':
      return { field, message: `must have at least ${params.limit} ${params.limit === 1 ? 'item' : 'items'}` };
    case 'maxItems':
      return { field, message: `must have at most ${params.limit} items` };
    default:
      return { field, message: `does not fit (${error.keyword})` };
  }
}

/** The name that is nearest to `name`, if any is near enough to be what was meant. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().replaceAll('-', '_');
  const parts = known.filter((each) => each.split('_').includes(wanted) || each.replaceAll('_', '') === wanted);
  if (parts[0] !== undefined) return parts[0];
  const most = Math.max(2, Math.floor(wanted.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const each of known) {
    if (Math.abs(each.length - wanted.length) > most) continue;
    const distance = editDistance(wanted, each);
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name: each, distance };
  }
  return best?.name;
}

function requiredProblem(path: string, name: string, parent: string, fields: Fields): Problem {
  const description = parent === '' ? fields[name]?.schema.description : undefined;
  return {
    field: path,
    message: `is required${typeof description === 'string' ? `: ${lowerFirst(description)}` : ''}`,
  };
}

function unknownProblem(parent: string, name: string, known: readonly string[]): Problem {
  const near = name.length > 64 ? undefined : nearestName(name, known);
  const shownName = name.length > 64 ? `${name.slice(0, 64)}…` : name;
  const hint = near === undefined ? `it can be ${listOf(known)}` : `did you mean ${near}?`;
  return { field: join(parent, shownName), message: `is not known here; ${hint}` };
}

function explainForm(field: string, error: ErrorObject): string {
  const name =
    field
      .replaceAll(/\[\d+\]/g, '')
      .split('.')
      .at(-1) ?? field;
  const mistake = explainMistake(name, error.data);
  if (mistake !== undefined) return mistake;
  switch (error.params.format) {
    case 'uuid':
      return 'must be a UUID, such as 8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
    case 'email':
      return 'must be an e-mail address';
    case 'uri':
      return 'must be a URL that starts with https:// or http://';
    case 'date-time':
      return 'must be an ISO 8601 instant with a time zone, such as 2026-01-31T18:00:00Z';
    default: {
      const description = error.parentSchema?.description;
      return typeof description === 'string' ? `does not fit: ${description}` : `must match ${error.params.pattern}`;
    }
  }
}

function maximumMessage(field: string, limit: unknown, value: unknown): string {
  return limit === Number.MAX_SAFE_INTEGER
    ? 'is too long for a number and would lose digits: pass it as a string'
    : `must be at most ${limit}${field === '' ? '' : shown(value)}`;
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return `, not ${value}`;
  return typeof value === 'string' && value.length <= 40 ? `, not ${JSON.stringify(value)}` : '';
}

function fieldPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').slice(0, 64))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function typeNames(type: unknown): string {
  const names = (Array.isArray(type) ? type : [type]).map((each) => TYPE_NAMES[String(each)] ?? String(each));
  return names.join(' or ');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return String(value);
  return TYPE_NAMES[typeof value] ?? typeof value;
}

function listOf(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : '';
}

function lowerFirst(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}

/** Levenshtein distance of two short names. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
