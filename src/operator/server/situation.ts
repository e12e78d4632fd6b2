import type { Tier } from '../../catalog/tool.ts';
import type { ConditionState } from '../../resources/conditions.ts';
import type { CrispMcpServer, ServerReason } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveServer } from '../../resources/effective-server.ts';
import type { RouteRecord } from '../../routes/records.ts';
import type { TokenHash } from '../../routes/token.ts';
import type { TokenSecretContent, TokenSecretFacts } from './token-secret.ts';

/**
 * The language in which a server is decided upon: everything a decision may look at (the situation), and everything it
 * may say (steps in order, then a status). Plain data; neither side holds a token or a key.
 */
export interface ServerSituation {
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly publicUrl: string;
  readonly server: CrispMcpServer;
  readonly spec: SpecReading;
  readonly account: AccountSituation;
  /** The Secret under the server's `secretName`, whoever it belongs to. */
  readonly secret: TokenSecretFacts | undefined;
  /** Another server of the namespace that names the same Secret and has the older claim. */
  readonly secretRival: string | undefined;
  /** Another live server that holds the same token, as `namespace/name`. */
  readonly tokenHolder: string | undefined;
  /** What filter and account yield; `undefined` while the account has no accepted credential. */
  readonly tools: ToolsSituation | undefined;
  readonly store: StoreSituation;
}

export type SpecReading =
  | { readonly kind: 'valid'; readonly effective: EffectiveServer }
  | { readonly kind: 'invalid'; readonly message: string };

export type AccountSituation =
  | { readonly kind: 'missing' }
  /** `pending`: its credentials are being checked, so nothing is wrong yet. */
  | { readonly kind: 'unusable'; readonly uid: string; readonly pending: boolean; readonly explanation: string }
  | { readonly kind: 'usable'; readonly uid: string; readonly tiers: readonly Tier[] };

export interface ToolsSituation {
  /** How many the filter selects, whatever the account may do. */
  readonly selected: number;
  /** Names of those that the account's credentials allow, in catalogue order. */
  readonly names: readonly string[];
}

export interface StoreSituation {
  /** The step that needed the store just failed, or is known to fail. */
  readonly failed: boolean;
  /** The stored route, if any, has passed its `exp`: it is dead whether or not the store confirms. */
  readonly routeOutlived: boolean;
  /** The namespace goes away and the store has been failing for longer than deletion may wait. */
  readonly abandonRoute: boolean;
}

export type ServerStep =
  | { readonly do: 'addFinalizer' }
  | { readonly do: 'createTokenSecret'; readonly name: string; readonly content: TokenSecretContent }
  | { readonly do: 'updateTokenSecret'; readonly secret: TokenSecretFacts; readonly content: TokenSecretContent }
  | { readonly do: 'deleteTokenSecret'; readonly secret: TokenSecretFacts }
  /** Removes the server's routes, all or all but `keep`. */
  | { readonly do: 'deleteRoutes'; readonly keep?: TokenHash }
  | { readonly do: 'putRoute'; readonly hash: TokenHash; readonly record: RouteRecord }
  /** Says, as an event, that the finalizer goes although the store did not confirm. */
  | { readonly do: 'warnRouteAbandoned' }
  | { readonly do: 'removeFinalizer' }
  /** Deletes the resource, if it still is what the decision was made from. */
  | { readonly do: 'deleteServer' };

export interface ServerDecision {
  readonly steps: readonly ServerStep[];
  /** Look again after the steps: there is more to do. */
  readonly again: boolean;
  /** `undefined` when the object is about to vanish, or nothing is to be said yet. */
  readonly status: ServerOutcome | undefined;
  /** When to look again by itself, wall-clock milliseconds. */
  readonly wakeAt: number | undefined;
}

/** What the status should say; times and generations are filled in when it is written. */
export interface ServerOutcome {
  readonly reason: ServerReason;
  readonly conditions: readonly ConditionState[];
  readonly tools: { readonly count: number; readonly names: readonly string[] } | undefined;
  readonly secretName: string | undefined;
  readonly fingerprint: string | undefined;
  readonly endpoint: string | undefined;
  readonly expiresAt: string;
}
