import type { Tier } from '../../catalog/tool.ts';
import type { CrispMcpServer, ServerReason } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveServer } from '../../resources/effective-server.ts';
import type { RouteRecord } from '../../routes/records.ts';
import type { CommonReason, OwnerTypes, Situation } from '../token-owner/situation.ts';

/** A server as a token owner, and what decisions about it look at besides. Plain data. */
export interface ServerTypes extends OwnerTypes {
  readonly owner: CrispMcpServer;
  readonly effective: EffectiveServer;
  readonly facts: ServerFacts;
  readonly record: RouteRecord;
  readonly reason: Exclude<ServerReason, CommonReason>;
  readonly said: {
    readonly tools: { readonly count: number; readonly names: readonly string[] } | undefined;
    readonly endpoint: string | undefined;
  };
}

export type ServerSituation = Situation<ServerTypes>;

export interface ServerFacts {
  readonly publicUrl: string;
  readonly account: AccountSituation;
  /** What filter and account yield; `undefined` while the account has no accepted credential. */
  readonly tools: ToolsSituation | undefined;
}

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
