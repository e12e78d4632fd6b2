import type { z } from 'zod';
import { InvalidData } from './answer.ts';

/**
 * Checks a request body against a schema and refuses it in the words of Crisp's validator: the path of the place
 * (`data`, `data.content`), then what is wrong. Only the first problem is told, as there.
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown, root = 'data'): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InvalidData(issue === undefined ? `${root} is invalid` : describe(issue, body, root));
}

function describe(issue: z.core.$ZodIssue, body: unknown, root: string): string {
  const path = issue.path.map(String);
  const key = path.at(-1);
  if (issue.code !== 'unrecognized_keys' && key !== undefined && valueAt(body, path) === undefined) {
    return `${place(root, path.slice(0, -1))} should have required property '${key}'`;
  }
  return `${place(root, path)} ${complaint(issue)}`;
}

function complaint(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `should be ${issue.expected === 'int' ? 'integer' : issue.expected}`;
    case 'invalid_value':
      return 'should be equal to one of the allowed values';
    case 'unrecognized_keys':
      return 'should NOT have additional properties';
    case 'too_small':
      return `should NOT have fewer than ${issue.minimum} ${issue.origin === 'array' ? 'items' : 'characters'}`;
    case 'too_big':
      return `should NOT have more than ${issue.maximum} ${issue.origin === 'array' ? 'items' : 'characters'}`;
    case 'invalid_format':
      return `should match ${issue.format === 'regex' ? `pattern "${issue.pattern ?? ''}"` : `format "${issue.format}"`}`;
    default:
      return issue.message;
  }
}

const place = (root: string, path: readonly string[]): string =>
  path.reduce((at, key) => (/^\d+$/.test(key) ? `${at}[${key}]` : `${at}.${key}`), root);

function valueAt(body: unknown, path: readonly string[]): unknown {
  let at: unknown = body;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}
