import type { Tier, Tool } from '../catalog/tool.ts';

/**
 * What came of one tool call, in the terms the gateway needs to answer it: either bytes to forward or a failure that a
 * model can act on. Nothing here carries a credential.
 */
export interface CrispAccess {
  readonly websiteId: string;
  /** Origin of the Crisp API. */
  readonly apiUrl: string;
  readonly credentials: ReadonlyMap<Tier, CrispCredential>;
}

export interface CrispCredential {
  readonly identifier: string;
  readonly key: string;
}

/** What the upstream said of its limits, in whichever header dialect. Seconds for times. */
export interface UpstreamLimits {
  readonly limit?: number;
  readonly remaining?: number;
  readonly resetSeconds?: number;
  /** Length of the window that `limit` counts in. */
  readonly windowSeconds?: number;
}

export type FailureCode =
  | 'invalid_arguments'
  | 'other_website'
  | 'tier_missing'
  | 'rate_limited'
  | 'refused'
  | 'not_found'
  | 'upstream_error'
  | 'upstream_unreachable'
  | 'timed_out'
  | 'cancelled';

export interface CallSuccess {
  readonly kind: 'success';
  /** UTF-8 of the text a model receives; usually the upstream's `data`, byte for byte. */
  readonly text: Buffer;
  /** A sentence to put in front of it, such as how to get the next page. */
  readonly note?: string;
  /** Whether `text` is less than Crisp's answer; `note` then says what of it. */
  readonly truncated?: true | undefined;
  readonly upstreamStatus: number;
  readonly limits?: UpstreamLimits;
}

export interface CallFailure {
  readonly kind: 'failure';
  readonly code: FailureCode;
  /** One or more sentences for the model: what happened, whether anything was executed, what to do. */
  readonly message: string;
  readonly upstreamStatus?: number;
  /** Crisp's own reason, such as `not_subscribed`. */
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
  readonly limits?: UpstreamLimits;
  /** With a rate limit: our own count of the day (UTC). */
  readonly quota?: { readonly requestsToday: number; readonly dailyLimit?: number };
}

export type CallOutcome = CallSuccess | CallFailure;

/** The part of an AbortSignal that a call needs. */
export interface CallSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Performs tool calls. One instance serves all tenants; it owns the upstream connections. */
export interface CrispCaller {
  /**
   * Settles at once when `signal` aborts, whatever Crisp does. `traceparent`, the context of a trace (W3C), goes with the
   * requests that the call makes.
   */
  call(tool: Tool, args: unknown, access: CrispAccess, signal: CallSignal, traceparent?: string): Promise<CallOutcome>;
  /** From now on `listener` hears of each request as it is sent. */
  onRequest(listener: (credential: CrispCredential, tier: Tier) => void): void;
  close(): Promise<void>;
}

/** Whether Crisp accepts a credential for a website: asked once for each change of it. */
export type CredentialVerdict =
  | { readonly kind: 'accepted'; readonly message?: string }
  | { readonly kind: 'refused'; readonly message: string }
  /** No answer that settles it: unreachable, rate-limited, server error. Ask again later. */
  | { readonly kind: 'unknown'; readonly message: string; readonly retryAfterSeconds?: number };

export interface CredentialChecker {
  check(request: {
    websiteId: string;
    apiUrl: string;
    tier: Tier;
    credential: CrispCredential;
    signal?: AbortSignal;
  }): Promise<CredentialVerdict>;
}
