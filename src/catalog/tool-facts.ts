import { findEntry } from './catalog.ts';
import type { OpenPlace } from './fields.ts';
import { OPERATIONS } from './operations/index.ts';
import type { Effect, JsonSchema, MethodClass, Tier, Tool } from './tool.ts';

/**
 * What a person is told about a tool: by `crisp-mcp tools`, in `docs/tools.md`. A composite tool names the requests of
 * all its operations, in the order in which they may be sent.
 */
export interface ToolFacts {
  readonly name: string;
  readonly operations: readonly string[];
  readonly method: string;
  readonly path: string;
  readonly class: MethodClass;
  readonly effect: Effect;
  readonly sensitive: boolean;
  readonly tags: readonly string[];
  readonly tiers: readonly Tier[];
  readonly inputSchema: JsonSchema;
  /** Of the tool in `tools/list`. */
  readonly bytes: number;
}

const BY_ID = new Map(OPERATIONS.map((operation) => [operation.id, operation]));

export function toolFacts(tool: Tool): ToolFacts {
  const requests = tool.operations.flatMap((id) => BY_ID.get(id) ?? []);
  return {
    name: tool.name,
    operations: tool.operations,
    method: requests.map(({ method }) => method).join(' + '),
    path: requests.map(({ path }) => `/v1${path}`).join(' + '),
    class: tool.class,
    effect: tool.effect,
    sensitive: tool.sensitive !== undefined,
    tags: tool.tags,
    tiers: tool.tiers,
    inputSchema: tool.inputSchema,
    bytes: listedBytes(tool),
  };
}

/** Bytes of a tool in `tools/list`. */
export function listedBytes({ name, title, description, inputSchema, annotations }: Tool): number {
  return Buffer.byteLength(JSON.stringify({ name, title, description, inputSchema, annotations }));
}

/** What a model pays for `bytes` of JSON, about. */
export function estimatedTokens(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/** Places in the arguments of a tool of which the reference does not say what they hold. */
export function openPlaces(tool: Tool): readonly OpenPlace[] {
  return Object.entries(findEntry(tool.name)?.fields ?? {}).flatMap(([name, field]) =>
    (field.open ?? []).map(({ place, mark }) => ({ place: `${name}${place}`, mark })),
  );
}
