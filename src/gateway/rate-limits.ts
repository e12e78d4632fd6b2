import { LRUCache } from 'lru-cache';
import type { Clock } from '../process/clock.ts';
import type { EffectiveRateLimit } from '../resources/rate-limit.ts';
import type { Served } from './running-calls.ts';

/**
 * The limits that a server and its account ask for, as token buckets in memory: no request waits for the store. Each
 * replica grants its share of rate and burst, by the number of live replicas. Over any `t` minutes all `n` replicas
 * together therefore grant at most `perMinute * t + max(burst, n)`; each one that joins meanwhile adds at most a burst,
 * and its share of the rate for the two seconds until all have heard of it. A refused call costs nothing. What does not call Crisp draws on a larger allowance of the server's own, so that a client that called too
 * often still connects and lists.
 */
export interface RateRefusal {
  readonly whose: 'server' | 'account';
  readonly perMinute: number;
  readonly retryAfterSeconds: number;
}

export class RateLimits {
  readonly #clock: Clock;
  readonly #replicas: () => number;
  readonly #buckets: LRUCache<string, Bucket>;

  constructor(options: { clock: Clock; replicas: () => number; maxBuckets?: number }) {
    this.#clock = options.clock;
    this.#replicas = options.replicas;
    // One that is dropped comes back full.
    this.#buckets = new LRUCache({ max: options.maxBuckets ?? 50_000 });
  }

  /** For a call of a tool. Takes from server and account, or from neither. */
  call({ route, account }: Pick<Served, 'route' | 'account'>): RateRefusal | undefined {
    const ofServer = route.record.rateLimit;
    const ofAccount = account.rateLimit;
    if (ofServer === undefined && ofAccount === undefined) return undefined;
    const server = this.#bucket(`server ${route.record.uid}`, ofServer);
    const shared = this.#bucket(`account ${account.uid}`, ofAccount);
    const refused = refusal('server', ofServer, server) ?? refusal('account', ofAccount, shared);
    if (refused !== undefined) return refused;
    server?.take();
    shared?.take();
    return undefined;
  }

  /** For everything else that a limited server is asked. */
  other({ route }: Pick<Served, 'route'>): RateRefusal | undefined {
    const strict = route.record.rateLimit;
    if (strict === undefined) return undefined;
    const limit = lenient(strict);
    const bucket = this.#bucket(`other ${route.record.uid}`, limit);
    const refused = refusal('server', limit, bucket);
    if (refused === undefined) bucket?.take();
    return refused;
  }

  #bucket(key: string, limit: EffectiveRateLimit | undefined): Bucket | undefined {
    if (limit === undefined) return undefined;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#buckets.set(key, bucket);
    }
    bucket.refill(this.#clock.monotonic(), shareOf(limit, this.#replicas()));
    return bucket;
  }
}

const LENIENT_FACTOR = 10;
const LEAST_OTHER: EffectiveRateLimit = { perMinute: 600, burst: 100 };

function lenient({ perMinute, burst }: EffectiveRateLimit): EffectiveRateLimit {
  return {
    perMinute: Math.max(LEAST_OTHER.perMinute, LENIENT_FACTOR * perMinute),
    burst: Math.max(LEAST_OTHER.burst, LENIENT_FACTOR * burst),
  };
}

interface Share {
  readonly perMillisecond: number;
  readonly burst: number;
}

/** At least one call at a time, or a small burst on many replicas would allow none. */
function shareOf({ perMinute, burst }: EffectiveRateLimit, replicas: number): Share {
  return { perMillisecond: perMinute / 60_000 / replicas, burst: Math.max(1, burst / replicas) };
}

class Bucket {
  #level = Number.POSITIVE_INFINITY;
  #at = 0;
  #share: Share = { perMillisecond: 1, burst: Number.POSITIVE_INFINITY };

  refill(now: number, share: Share): void {
    const filled = Math.min(this.#level + (now - this.#at) * this.#share.perMillisecond, this.#share.burst);
    this.#level = Math.min(filled, share.burst);
    this.#at = now;
    this.#share = share;
  }

  /** Milliseconds until a call is allowed; 0 when one is. */
  get wait(): number {
    // Sums of fractions may stay a hair below one.
    return this.#level >= 1 - 1e-9 ? 0 : (1 - this.#level) / this.#share.perMillisecond;
  }

  take(): void {
    this.#level = Math.max(0, this.#level - 1);
  }
}

function refusal(
  whose: RateRefusal['whose'],
  limit: EffectiveRateLimit | undefined,
  bucket: Bucket | undefined,
): RateRefusal | undefined {
  if (limit === undefined || bucket === undefined || bucket.wait === 0) return undefined;
  return { whose, perMinute: limit.perMinute, retryAfterSeconds: Math.ceil(bucket.wait / 1_000) };
}
