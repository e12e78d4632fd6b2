import { z } from 'zod';
import type { KindDefinition } from '../src/resources/definitions.ts';
import { structuralSchema } from './generate-crd.ts';

/** The page that describes every field of every kind and every reason, from the schemas that check them. */
export function resourceDocs(definitions: readonly KindDefinition[]): string {
  const sections = definitions.map((definition) =>
    [
      `## ${definition.type.kind}`,
      '',
      `${definition.description} Short name \`${definition.shortNames.join('`, `')}\`; \`kubectl explain ${definition.singular}.spec\` shows the same.`,
      '',
      ...fieldTable('spec', structuralSchema(definition.spec, 'spec')),
      '### What the operator says',
      '',
      ...fieldTable('status', structuralSchema(definition.status, 'status')),
      '| reason | meaning |',
      '| --- | --- |',
      ...Object.entries(definition.reasons).map(([reason, meaning]) => `| \`${reason}\` | ${cell(meaning)} |`),
      '',
    ].join('\n'),
  );
  return [
    '# Resources',
    '',
    'The kinds of `crispmcp.io/v1alpha1`. All are namespaced; references stay inside the namespace. A field that is left',
    'out does not restrict, and defaults are filled in by the program, so that stored objects keep the bytes their authors',
    'wrote. Conditions follow kstatus: `Ready`, `Reconciling`, `Stalled`, `Expired`, `Suspended`.',
    '',
    ...sections,
  ].join('\n');
}

const nodeSchema = z.looseObject({
  type: z.string(),
  description: z.string().default(''),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  maxItems: z.number().optional(),
  maxLength: z.number().optional(),
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});
type Node = z.infer<typeof nodeSchema>;

function fieldTable(place: string, schema: unknown): string[] {
  return ['| field | type | |', '| --- | --- | --- |', ...rows(place, nodeSchema.parse(schema)), ''];
}

function rows(place: string, node: Node): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const parsed = nodeSchema.parse(child);
    const path = `${place}.${name}`;
    const needed = node.required.includes(name) ? ', required' : '';
    const row = `| \`${path}\` | ${typeText(parsed)}${needed} | ${cell(parsed.description)} |`;
    const inner = parsed.items === undefined ? parsed : nodeSchema.parse(parsed.items);
    return [row, ...rows(parsed.items === undefined ? path : `${path}[]`, inner)];
  });
}

function typeText(node: Node): string {
  if (node.items !== undefined) {
    return `list, at most ${node.maxItems ?? '?'} of ${typeText(nodeSchema.parse(node.items))}`;
  }
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(' \\| ');
  if (node.format === 'date-time') return 'RFC 3339 time';
  return node.type === 'string' && node.maxLength !== undefined ? `string, at most ${node.maxLength}` : node.type;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
