import type { CrispApiTokenSpec } from '../../src/resources/crisp-api-token.ts';

/**
 * What happens in a run, as data: drawn from the seed alone, so that a run can be repeated with some of it left out. The
 * luck of calls and timings comes from other streams of the same seed.
 */
export type Action = Deed & {
  readonly thenWaitMs: number;
  /** Not now, but in the middle of a call of the leader: after it has crossed the border so many times. */
  readonly afterCrossings?: number;
};

export type Deed =
  | { readonly do: 'createServer'; readonly name: ServerName; readonly plan: ServerPlan }
  | { readonly do: 'deleteServer'; readonly name: ServerName }
  | { readonly do: 'editServer'; readonly name: ServerName; readonly edit: ServerEdit }
  | { readonly do: 'createApiToken'; readonly name: ApiTokenName; readonly plan: ApiTokenPlan }
  | { readonly do: 'deleteApiToken'; readonly name: ApiTokenName }
  | { readonly do: 'editApiToken'; readonly name: ApiTokenName; readonly edit: ApiTokenEdit }
  /** Somebody notices the end of a server or an API token only when it has come. */
  | { readonly do: 'extendAtEnd'; readonly name: BearerName; readonly lateMs: number }
  | { readonly do: 'applyAgain' | 'deleteTokenSecret' | 'breakToken' | 'foreignSecret'; readonly name: BearerName }
  | { readonly do: 'bringToken'; readonly name: BearerName; readonly token: number }
  | { readonly do: 'createAccount' | 'deleteAccount'; readonly name: AccountName }
  | { readonly do: 'editAccount'; readonly name: AccountName; readonly tiers: number }
  | { readonly do: 'setCredential'; readonly name: CredentialName; readonly quality: 'good' | 'bad' | 'incomplete' }
  | { readonly do: 'deleteCredential'; readonly name: CredentialName }
  | { readonly do: 'changePublicUrl' }
  | { readonly do: 'crash'; readonly who: 'leader' | 'follower'; readonly afterCrossings: number }
  | { readonly do: 'usurp'; readonly afterCrossings: number }
  | { readonly do: 'handOver' | 'breakWatches' | 'compact' }
  /** The machine of the leader dies, and the store's with it, which comes back from its last dump. */
  | { readonly do: 'flushStore' | 'keepDump' | 'machineDies' }
  | { readonly do: 'restartStore'; readonly from: 'nothing' | 'old dump' | 'present' }
  | { readonly do: 'loseStore' | 'breakApi' | 'shakeStore' | 'delayWatches'; readonly forMs: number }
  | { readonly do: 'loseCrisp'; readonly forMs: number; readonly how: 'unknown' | 'hangs' }
  | { readonly do: 'stepClock'; readonly whose: 'store' | 'gateway' | 'leader' | 'follower'; readonly byMs: number }
  | { readonly do: 'restartGateway' }
  | { readonly do: 'requestAll' }
  /** Faults end and everything must come to rest. */
  | { readonly do: 'rest' };

export const SERVERS = ['a', 'b', 'c', 'd'] as const;
export const API_TOKENS = ['ci', 'bot', 'guest'] as const;
export const ACCOUNTS = ['acme', 'globex'] as const;
export const CREDENTIALS = ['plugin-token', 'user-token'] as const;
export type ApiTokenName = (typeof API_TOKENS)[number];
export type ServerName = (typeof SERVERS)[number];
/** No server has the name of an API token. */
export type BearerName = ServerName | ApiTokenName;
export type AccountName = (typeof ACCOUNTS)[number];
export type CredentialName = (typeof CREDENTIALS)[number];

export interface ServerPlan {
  readonly account: AccountName;
  readonly filter: number;
  readonly expiresInMs: number | undefined;
  readonly policy: 'Delete' | 'Retain' | undefined;
  readonly suspend: boolean;
  readonly sharesSecret: boolean;
  readonly asksApiToken: boolean;
}

export interface ApiTokenPlan {
  readonly servers: readonly string[];
  readonly scopes: readonly CrispApiTokenSpec['scopes'][number][];
  readonly expiresInMs: number | undefined;
  readonly policy: 'Delete' | 'Retain' | undefined;
  readonly sharesSecret: boolean;
}

export type ServerEdit =
  | { readonly field: 'filter'; readonly filter: number }
  | { readonly field: 'expiresAt'; readonly inMs: number | undefined }
  | { readonly field: 'policy'; readonly policy: 'Delete' | 'Retain' }
  | { readonly field: 'suspend'; readonly suspend: boolean }
  | { readonly field: 'asksApiToken'; readonly asks: boolean };

export type ApiTokenEdit =
  | ({ readonly field: 'rights' } & Pick<ApiTokenPlan, 'servers' | 'scopes'>)
  | Extract<ServerEdit, { readonly field: 'expiresAt' | 'policy' }>;
