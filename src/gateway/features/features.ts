import type { Server, ServerOptions } from '@modelcontextprotocol/server';
import type { Era } from '../protocol-era.ts';
import type { Toolset } from '../toolset.ts';

/**
 * What a server offers beside its tools: prompts, resources, completions. It is described here and answered by the
 * official SDK's low-level `Server`, one a request, because these requests are rare and hold many details; tools never
 * take this way. What a feature needs of Crisp it gets through {@link FeatureExchange.callTool}: the same filter, tiers,
 * limits and expiry as `tools/call`.
 */
export interface Features {
  /** As `initialize` and `server/discover` announce it. Depends on nothing but the tools and the era. */
  capabilities(toolset: Toolset, era: Era): FeatureCapabilities;
  /** Sets a handler for each method of the capabilities. */
  register(server: Server, exchange: FeatureExchange): void;
  readonly serverOptions?: Pick<ServerOptions, 'requestState'>;
  /** Tools that `register` answers in place of Crisp. None in production. */
  readonly ownTools?: ReadonlySet<string>;
}

export interface FeatureCapabilities {
  readonly prompts?: { readonly listChanged?: boolean };
  readonly resources?: { readonly listChanged?: boolean; readonly subscribe?: boolean };
  readonly completions?: Record<string, never>;
  readonly logging?: Record<string, never>;
}

export interface FeatureExchange {
  readonly sdk: Sdk;
  readonly toolset: Toolset;
  readonly era: Era;
  /** To be put into lists and what is read: how long a modern client may keep it. Earlier ones are told nothing. */
  readonly cache: CacheHint;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  callTool(name: string, args: Readonly<Record<string, unknown>>): Promise<ToolAnswer>;
}

export interface CacheHint {
  /** Milliseconds; never beyond the life of the token. */
  readonly ttlMs?: number;
  readonly cacheScope?: 'private';
}

/** Loaded with the first request that needs it. */
export type Sdk = typeof import('@modelcontextprotocol/server');

export type ToolAnswer =
  /** `note` is what the tool says of its data, such as that it was cut and how to get the rest. */
  | { readonly kind: 'text'; readonly text: string; readonly note?: string }
  /** `type` and `reason` as in `structuredContent.error` of a tool's result; the message is for people and models. */
  | { readonly kind: 'failed'; readonly type: string; readonly reason: string | undefined; readonly message: string };

const METHODS: Readonly<Record<keyof FeatureCapabilities, readonly string[]>> = {
  prompts: ['prompts/list', 'prompts/get'],
  resources: ['resources/list', 'resources/templates/list', 'resources/read'],
  completions: ['completion/complete'],
  logging: ['logging/setLevel'],
};
const SUBSCRIPTION_METHODS = ['resources/subscribe', 'resources/unsubscribe'];

/** Every method that some feature could answer: a closed set, fit for logs and metrics. */
export const FEATURE_METHODS: ReadonlySet<string> = new Set([
  ...Object.values(METHODS).flat(),
  ...SUBSCRIPTION_METHODS,
]);

/** The methods that a client may call after reading these capabilities. */
export function methodsOf(capabilities: FeatureCapabilities, era: Era): ReadonlySet<string> {
  const methods: string[] = [];
  if (capabilities.prompts !== undefined) methods.push(...METHODS.prompts);
  if (capabilities.resources !== undefined) methods.push(...METHODS.resources);
  if (capabilities.completions !== undefined) methods.push(...METHODS.completions);
  if (era === 'legacy') {
    if (capabilities.logging !== undefined) methods.push(...METHODS.logging);
    if (capabilities.resources?.subscribe === true) methods.push(...SUBSCRIPTION_METHODS);
  }
  return new Set(methods);
}
