import type { JsonSchema, JsonValue } from './tool.ts';

/** Arguments of a tool once they are known to fit its schema. */
export type Arguments = { readonly [name: string]: JsonValue };

/** One argument: its schema as clients see it, and what the schema cannot say. */
export interface Field {
  readonly schema: JsonSchema;
  readonly required: boolean;
}

export type Fields = { readonly [name: string]: Field };
