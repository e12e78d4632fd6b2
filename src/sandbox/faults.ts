import { z } from 'zod';

/**
 * Switches that make the sandbox misbehave as the real service sometimes does. A fault applies to requests that match
 * it, newest fault first, until its `times` are used up or it is removed. Faults act before authentication, as a load
 * balancer does. At most {@link MOST_FAULTS} stand at once.
 */
const conditions = {
  /** Operation id, such as `website.listConversations`. */
  operation: z.string().optional(),
  method: z.string().optional(),
  /** The raw path with its `/v1`; `*` stands for any run of characters. */
  path: z.string().optional(),
  tier: z.enum(['website', 'plugin', 'user']).optional(),
  /** How many requests it affects; unlimited when absent. */
  times: z.int().min(1).optional(),
};

const Milliseconds = z.int().min(0).max(600_000);

export const Fault = z.discriminatedUnion('kind', [
  /** 429 or 420, with or without `Retry-After` and `X-RateLimit-*`. */
  z.strictObject({
    kind: z.literal('rate_limited'),
    status: z.union([z.literal(429), z.literal(420)]).optional(),
    retryAfter: z.union([z.int(), z.string()]).optional(),
    limits: z.strictObject({ limit: z.int(), remaining: z.int(), reset: z.int() }).optional(),
    body: z.enum(['json', 'html', 'empty']).optional(),
    ...conditions,
  }),
  z.strictObject({
    kind: z.literal('server_error'),
    status: z.int().min(500).max(599).optional(),
    body: z.enum(['json', 'html', 'empty']).optional(),
    ...conditions,
  }),
  /** Any refusal in Crisp's envelope. */
  z.strictObject({
    kind: z.literal('refused'),
    status: z.int().min(400).max(499),
    reason: z.string(),
    message: z.string().optional(),
    ...conditions,
  }),
  /** Waits, then answers; if the caller goes away meanwhile, nothing is executed. */
  z.strictObject({ kind: z.literal('slow'), milliseconds: Milliseconds, ...conditions }),
  /** Executes and sends the head and half of the body, waits, then sends the rest. */
  z.strictObject({ kind: z.literal('slow_body'), milliseconds: Milliseconds, ...conditions }),
  /** Executes, and answers a well-framed body that stops in the middle of the JSON. */
  z.strictObject({ kind: z.literal('truncated'), ...conditions }),
  /** Executes, sends half of the body and drops the connection. */
  z.strictObject({ kind: z.literal('cut'), ...conditions }),
  /** Drops the connection without an answer; nothing is executed. */
  z.strictObject({ kind: z.literal('reset'), ...conditions }),
]);
export type Fault = z.infer<typeof Fault>;

export interface FaultSubject {
  readonly operation: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly tier: string | undefined;
}

const MOST_FAULTS = 100;

interface Standing {
  readonly id: number;
  readonly fault: Fault;
  readonly path: RegExp | undefined;
  left: number;
}

export class Faults {
  #standing: Standing[] = [];
  #nextId = 1;

  /** Returns an id for {@link remove}. */
  add(fault: Fault): number {
    if (this.#standing.length >= MOST_FAULTS) {
      throw new Error(`the sandbox holds at most ${MOST_FAULTS} faults; clear some`);
    }
    const id = this.#nextId++;
    const path = fault.path === undefined ? undefined : globPattern(fault.path);
    this.#standing.unshift({ id, fault, path, left: fault.times ?? Number.POSITIVE_INFINITY });
    return id;
  }

  remove(id: number): boolean {
    const before = this.#standing.length;
    this.#standing = this.#standing.filter((standing) => standing.id !== id);
    return this.#standing.length < before;
  }

  clear(): void {
    this.#standing = [];
  }

  list(): readonly (Fault & { id: number })[] {
    return this.#standing.map(({ id, fault }) => ({ id, ...fault }));
  }

  /** The fault that strikes this request, counting it. */
  take(subject: FaultSubject): Fault | undefined {
    const struck = this.#standing.find((standing) => matches(standing, subject));
    if (struck === undefined) return undefined;
    struck.left -= 1;
    if (struck.left <= 0) this.remove(struck.id);
    return struck.fault;
  }
}

function matches({ fault, path }: Standing, subject: FaultSubject): boolean {
  return (
    (fault.operation === undefined || fault.operation === subject.operation) &&
    (fault.method === undefined || fault.method === subject.method) &&
    (fault.tier === undefined || fault.tier === subject.tier) &&
    (path === undefined || path.test(subject.path))
  );
}

function globPattern(glob: string): RegExp {
  const literal = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 's');
}
