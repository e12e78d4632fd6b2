import { createHash } from 'node:crypto';
import type { Tier, Tool } from '../catalog/tool.ts';
import type { CallFailure, CrispAccess, CrispCredential } from '../crisp/outcome.ts';
import type { Clock } from '../process/clock.ts';
import type { GatewayLedger, LedgerBook } from '../routes/ledger/gateway-ledger.ts';
import { DAY, dayOf } from '../routes/ledger/usage-books.ts';

/**
 * How many requests each Crisp credential has made today (UTC), over all gateways: Crisp grants a number a day and does
 * not say how much of it is left. Counted in the ledger, under a digest of the credential, so without a round trip and
 * some seconds late. What the credential is used for elsewhere is not in it, so it is a lower bound.
 */
export const DAILY_QUOTAS: Readonly<Partial<Record<Tier, number>>> = { website: 10_000 };

const KEEP_FOR = (2 * DAY) / 1_000;
/** Credentials of which this process knows that they were used today. */
const MAX_SEEN = 20_000;

export class CrispQuota {
  readonly #ledger: Pick<GatewayLedger, 'add' | 'total'>;
  readonly #clock: Clock;
  readonly #digests = new WeakMap<CrispCredential, string>();
  #day = Number.NaN;
  #book: LedgerBook = { name: '', keepFor: KEEP_FOR };
  #seen = new Map<string, Tier>();

  constructor(options: { ledger: Pick<GatewayLedger, 'add' | 'total'>; clock: Clock }) {
    this.#ledger = options.ledger;
    this.#clock = options.clock;
  }

  /** One request has been sent. */
  count(credential: CrispCredential, tier: Tier): void {
    const book = this.#today();
    const digest = this.#digestOf(credential);
    if (this.#seen.size < MAX_SEEN) this.#seen.set(digest, tier);
    this.#ledger.add(book, digest);
  }

  used(credential: CrispCredential): number {
    return this.#ledger.total(this.#today(), this.#digestOf(credential)) ?? 0;
  }

  /** For each tier, what the credential has used that used most; of those this process has used today. */
  highest(): ReadonlyMap<Tier, number> {
    const book = this.#today();
    const highest = new Map<Tier, number>();
    for (const [digest, tier] of this.#seen) {
      highest.set(tier, Math.max(highest.get(tier) ?? 0, this.#ledger.total(book, digest) ?? 0));
    }
    return highest;
  }

  /** Adds to a rate limit of Crisp's what is known of the day's quota. */
  explain(failure: CallFailure, tool: Pick<Tool, 'tiers'>, access: CrispAccess): CallFailure {
    const tier = tool.tiers.find((each) => access.credentials.has(each));
    const credential = tier === undefined ? undefined : access.credentials.get(tier);
    if (tier === undefined || credential === undefined) return failure;
    const requestsToday = this.used(credential);
    const dailyLimit = DAILY_QUOTAS[tier];
    const counted = `This server's ${tier} credential has made at least ${requestsToday} ${requestsToday === 1 ? 'request' : 'requests'} today (UTC, our count)`;
    return {
      ...failure,
      message: `${failure.message} ${counted}${judged(requestsToday, dailyLimit)}`,
      quota: { requestsToday, ...(dailyLimit === undefined ? {} : { dailyLimit }) },
    };
  }

  #today(): LedgerBook {
    const day = Math.floor(this.#clock.now() / DAY);
    if (day !== this.#day) {
      this.#day = day;
      this.#seen = new Map();
      this.#book = { name: quotaBookName(day * DAY), keepFor: KEEP_FOR };
    }
    return this.#book;
  }

  #digestOf(credential: CrispCredential): string {
    let digest = this.#digests.get(credential);
    if (digest === undefined) {
      digest = credentialDigest(credential);
      this.#digests.set(credential, digest);
    }
    return digest;
  }
}

export function quotaBookName(instant: number): string {
  return `crisp-requests:${dayOf(instant)}`;
}

/** Tells credentials apart and nothing else. */
export function credentialDigest({ identifier, key }: CrispCredential): string {
  return createHash('sha256')
    .update(JSON.stringify(['crisp-requests', identifier, key]))
    .digest('hex')
    .slice(0, 24);
}

function judged(used: number, limit: number | undefined): string {
  if (limit === undefined) return '.';
  const words = ` of the ${limit} that Crisp allows a day`;
  return used < limit
    ? `${words}.`
    : `${words}: the quota seems to be used up, and probably nothing works before 00:00 UTC (an estimate).`;
}
