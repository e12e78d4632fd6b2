/**
 * What the rest of the system knows of a tool. Records of Crisp operations are compiled into these once, when the module
 * loads; they are deeply immutable and shared by every server.
 */
export type Tier = 'website' | 'plugin' | 'user';

/** Least privileged first: a call uses the first of these that the account has and the route accepts. */
export const TIERS_BY_PRIVILEGE: readonly Tier[] = ['website', 'plugin', 'user'];

export type MethodClass = 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom';
export type Effect = 'read' | 'write';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** JSON Schema, the subset that every MCP client accepts; the root is a plain object schema. */
export type JsonSchema = { readonly [key: string]: JsonValue };

/** MCP tool annotations; all four hints are always present. */
export interface ToolAnnotations {
  readonly title: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface Tool {
  /** At most 45 characters of `[a-z0-9_]`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly annotations: ToolAnnotations;
  readonly class: MethodClass;
  readonly effect: Effect;
  readonly tags: readonly string[];
  /** Why the tool is sensitive; absent when it is not. */
  readonly sensitive?: string;
  /** Tiers that every request of the tool accepts, least privileged first. */
  readonly tiers: readonly Tier[];
  /** Identifiers of the Crisp operations it performs, such as `website.listConversations`. */
  readonly operations: readonly string[];
}

/** Which tools a server has: `((methods and tags and only) or sensitive) without except`; an absent field does not restrict. */
export interface ToolFilter {
  readonly methods?: readonly string[];
  readonly tags?: readonly string[];
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  readonly sensitive?: readonly string[];
}
