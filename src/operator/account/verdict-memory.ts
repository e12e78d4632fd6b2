import type { CredentialVerdict } from '../../crisp/outcome.ts';
import type { Clock } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import type { Tier } from '../../resources/crisp-account.ts';

/**
 * What Crisp said of late, until the status has it. An answer that settled nothing is kept until it is time to ask
 * again, so that other events of the account do not ask earlier; that time grows from 5 s to 10 minutes and is never
 * before what Crisp itself asked for.
 */
export interface Answer {
  readonly revision: string;
  readonly verdict: CredentialVerdict;
}

interface Kept extends Answer {
  readonly until: number;
  readonly failures: number;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 600_000;
const SETTLED_MS = 60_000;

export class VerdictMemory {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #accounts = new Map<string, Map<Tier, Kept>>();

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  of(uid: string): ReadonlyMap<Tier, Answer> {
    const now = this.#clock.monotonic();
    const kept = [...(this.#accounts.get(uid) ?? [])];
    return new Map(kept.filter(([, answer]) => answer.until > now));
  }

  keep(uid: string, tier: Tier, answer: Answer): void {
    const answers = this.#accounts.get(uid) ?? new Map<Tier, Kept>();
    this.#accounts.set(uid, answers);
    const before = answers.get(tier);
    const failures = before?.revision === answer.revision ? before.failures + 1 : 1;
    const waitMs = answer.verdict.kind === 'unknown' ? this.#retryMs(failures, answer.verdict) : SETTLED_MS;
    answers.set(tier, { ...answer, failures, until: this.#clock.monotonic() + waitMs });
  }

  /**
   * Milliseconds until the account should be asked about again; `undefined` when nothing waits. Only for the revisions
   * that are still `wanted`: of another one nobody will ask, so its time would have come for ever.
   */
  nextRetryMs(uid: string, wanted: ReadonlyMap<Tier, string>): number | undefined {
    const now = this.#clock.monotonic();
    const waiting = [...(this.#accounts.get(uid) ?? [])].flatMap(([tier, kept]) =>
      kept.verdict.kind === 'unknown' && kept.revision === wanted.get(tier) ? [kept] : [],
    );
    return waiting.length === 0 ? undefined : Math.max(0, Math.min(...waiting.map((kept) => kept.until)) - now);
  }

  forget(uid: string): void {
    this.#accounts.delete(uid);
  }

  #retryMs(failures: number, verdict: { readonly retryAfterSeconds?: number }): number {
    const backoff = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
    const asked = Math.min(verdict.retryAfterSeconds ?? 0, 86_400) * 1_000;
    return Math.round(Math.max(backoff * (1 + this.#random.fraction() * 0.2), asked));
  }
}
