import { stringify } from 'yaml';
import { z } from 'zod';
import { valuesSchema } from './values-schema.ts';

/**
 * What is made from the schema of the values: `values.yaml` with a comment a value, `values.schema.json` that Helm holds
 * a user's values against, and the table of the README. No value is required by the schema: Helm merges the chart's own
 * defaults in first.
 */
type JsonObject = { [key: string]: unknown };

export interface ValueRow {
  /** Like `gateway.service.port`. */
  readonly path: string;
  readonly type: string;
  readonly byDefault: unknown;
  readonly description: string;
}

export function valuesJsonSchema(): JsonObject {
  const schema = asObject(withoutRequired(z.toJSONSchema(valuesSchema, { target: 'draft-7', io: 'input' })));
  const properties = asObject(schema.properties);
  return {
    ...schema,
    title: 'Values of the chart crisp-mcp',
    properties: {
      ...properties,
      global: { type: 'object', description: 'Given by Helm to charts in charts; not read.' },
    },
  };
}

export function valuesYaml(): string {
  return `# Every value, with its default. README.md has them as a table; values.schema.json refuses any other.\n${section(schemaProperties(), 0)}`;
}

/** The leaves, in the order of the schema. */
export function valueRows(properties: JsonObject = schemaProperties(), prefix = ''): ValueRow[] {
  return Object.entries(properties).flatMap(([name, child]) => {
    const node = asObject(child);
    const path = prefix + name;
    if (isGroup(node)) return valueRows(asObject(node.properties), `${path}.`);
    return [{ path, type: typeOf(node), byDefault: node.default, description: String(node.description) }];
  });
}

export function valuesTable(): string {
  const rows = valueRows().map(
    ({ path, type, byDefault, description }) =>
      `| \`${path}\` | ${type.replaceAll('|', '\\|')} | \`${JSON.stringify(byDefault)}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  return ['| value | type | default | what it is for |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function section(properties: JsonObject, depth: number): string {
  const indent = '  '.repeat(depth);
  return Object.entries(properties)
    .map(([name, child]) => {
      const node = asObject(child);
      const comment = comments(String(node.description), indent);
      if (isGroup(node)) {
        const gap = depth === 0 ? '\n' : '';
        return `${gap}${comment}${indent}${name}:\n${section(asObject(node.properties), depth + 1)}`;
      }
      return `${comment}${entry(name, node.default, indent)}`;
    })
    .join('');
}

function entry(name: string, value: unknown, indent: string): string {
  const text = stringify({ [name]: value }, { lineWidth: 0, defaultStringType: 'PLAIN' });
  return text.replace(/^(?=.)/gm, indent);
}

function comments(description: string, indent: string): string {
  const width = 118 - indent.length;
  const lines: string[] = [];
  let line = '#';
  for (const word of description.split(' ')) {
    if (line.length + word.length + 1 > width) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].map((text) => `${indent}${text}\n`).join('');
}

function schemaProperties(): JsonObject {
  return asObject(asObject(z.toJSONSchema(valuesSchema, { target: 'draft-7', io: 'input' })).properties);
}

function isGroup(node: JsonObject): boolean {
  return node.properties !== undefined;
}

function typeOf(node: JsonObject): string {
  if (Array.isArray(node.enum))
    return node.enum.map((value) => (value === '' ? 'nothing' : `\`${value}\``)).join(' | ');
  if (node.type === 'array') return 'list';
  return String(node.type);
}

function withoutRequired(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutRequired);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
      .map(([key, value]) => [key, withoutRequired(value)]),
  );
}

function asObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('expected an object');
  return { ...value };
}
