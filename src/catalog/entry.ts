import { type Arguments, type Fields, objectSchema, text } from './fields.ts';
import { PATH_FIELDS } from './identifiers.ts';
import type { Composite, Family, Operation, Problem, Step, ToolFacts } from './operation.ts';
import { SENSITIVE_OPERATIONS } from './sensitive.ts';
import type { Tag } from './tags.ts';
import { type Effect, TIERS_BY_PRIVILEGE, type Tier, type Tool } from './tool.ts';

/**
 * From a record to a tool: the arguments are the path's parameters, then query and body, then `website_id`, which every
 * tool takes and none needs. Mistakes in a record, such as two arguments of one name, are errors when the module loads.
 */
export interface CatalogEntry {
  readonly tool: Tool;
  readonly fields: Fields;
  readonly plan: (args: Arguments) => readonly Step[];
  readonly check: (args: Arguments) => readonly Problem[];
  readonly note?: string;
}

const WEBSITE_ID = text('Not needed');
const NO_PROBLEMS: readonly Problem[] = [];

/** Names in a path template, without the website's. */
export function pathParameters(operation: Pick<Operation, 'path'>): readonly string[] {
  return [...operation.path.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'website_id');
}

/** Schemas of the parameters of the path, in its order. */
export function pathFields(operation: Operation): Fields {
  return Object.fromEntries(
    pathParameters(operation).map((name) => {
      const field = operation.parameters?.[name] ?? PATH_FIELDS[name];
      if (field === undefined) throw new Error(`${operation.id}: no schema for the path parameter ${name}`);
      return [name, field];
    }),
  );
}

export function effectOf({ method, tool }: Operation): Effect {
  return tool?.effect ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'write');
}

export function operationEntry(family: Family, operation: Operation): CatalogEntry | undefined {
  const { tool: facts } = operation;
  if (facts === undefined) return undefined;
  const fields = joinFields(operation.id, [pathFields(operation), operation.query, operation.body]);
  const effect = effectOf(operation);
  return {
    tool: makeTool({
      facts: {
        ...facts,
        destructive: facts.destructive ?? (operation.method === 'PUT' || operation.method === 'DELETE'),
        idempotent: facts.idempotent ?? operation.method !== 'POST',
      },
      effect,
      fields,
      tags: family.tags,
      operations: [operation],
    }),
    fields,
    plan: (args) => [{ operation, arguments: args, label: facts.title }],
    check: operation.check ?? (() => NO_PROBLEMS),
  };
}

export function compositeEntry(family: Family, composite: Composite): CatalogEntry {
  const fields = joinFields(composite.tool.name, [composite.fields]);
  return {
    tool: makeTool({
      facts: composite.tool,
      effect: composite.tool.effect,
      fields,
      tags: family.tags,
      operations: composite.operations,
    }),
    fields,
    plan: composite.plan,
    check: composite.check ?? (() => NO_PROBLEMS),
    ...(composite.note === undefined ? {} : { note: composite.note }),
  };
}

function joinFields(owner: string, groups: readonly (Fields | undefined)[]): Fields {
  const all = [...groups.flatMap((group) => Object.entries(group ?? {})), ['website_id', WEBSITE_ID] as const];
  const joined = Object.fromEntries(all);
  if (Object.keys(joined).length !== all.length) throw new Error(`${owner}: two arguments have the same name`);
  return joined;
}

function makeTool(parts: {
  facts: ToolFacts;
  effect: Effect;
  fields: Fields;
  tags: readonly Tag[];
  operations: readonly Operation[];
}): Tool {
  const { facts, effect, fields, operations } = parts;
  const reads = effect === 'read';
  const sensitive = operations.map(({ id }) => SENSITIVE_OPERATIONS[id]).find((reason) => reason !== undefined);
  return deepFreeze({
    name: facts.name,
    title: facts.title,
    description: facts.description,
    inputSchema: objectSchema(fields),
    annotations: {
      title: facts.title,
      readOnlyHint: reads,
      destructiveHint: !reads && (facts.destructive ?? false),
      idempotentHint: reads || (facts.idempotent ?? false),
      openWorldHint: facts.openWorld ?? false,
    },
    class: facts.class,
    effect,
    tags: [...new Set([...parts.tags, ...(facts.tags ?? [])])].sort(),
    ...(sensitive === undefined ? {} : { sensitive }),
    tiers: acceptedByAll(operations),
    operations: operations.map((operation) => operation.id),
  });
}

function acceptedByAll(operations: readonly Operation[]): readonly Tier[] {
  return TIERS_BY_PRIVILEGE.filter((tier) => operations.every((operation) => operation.tiers.includes(tier)));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
