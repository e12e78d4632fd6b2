import { ENTRIES, findEntry } from '../catalog/catalog.ts';
import type { CatalogEntry } from '../catalog/entry.ts';
import type { Arguments } from '../catalog/fields.ts';
import type { Problem, Step } from '../catalog/operation.ts';
import type { Tier, Tool } from '../catalog/tool.ts';
import { type Clock, systemClock } from '../process/clock.ts';
import { Deadlines } from '../process/deadlines.ts';
import type { Logger } from '../process/logger.ts';
import { type Data, joinResults, readAnswer } from './answer.ts';
import { LEAST } from './cut.ts';
import { type ExchangeLimits, type ExchangeResult, exchange } from './exchange.ts';
import { consequence, type FailedCall, failure, failureOfAnswer, failureOfExchange, tierMissing } from './failures.ts';
import { readLimits } from './limits.ts';
import type {
  CallFailure,
  CallOutcome,
  CallSignal,
  CallSuccess,
  CrispAccess,
  CrispCaller,
  CrispCredential,
} from './outcome.ts';
import { buildRequest, type CrispRequest } from './request.ts';
import { UnsafePathError } from './segment.ts';
import { Pool } from './undici-pool.ts';
import { compileWhenIdle, validateArguments } from './validate.ts';

/**
 * Performs tool calls for all tenants over one connection pool an origin. Nothing is sent unless the website is the
 * account's own, the arguments fit, a credential of an accepted tier is there and the origin is allowed. Nothing is ever
 * repeated: what a retry costs, or does twice, only the caller can know. Calls in flight are bounded an origin; the one
 * too many is refused at once.
 */
export interface CrispCallerOptions {
  /** Origins that may be called, such as `https://api.crisp.chat`; anything else is refused. */
  readonly allowedOrigins: readonly string[];
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Connections an origin. */
  readonly connections?: number;
  /** Calls an origin that run or wait. */
  readonly mostCalls?: number;
  readonly headersTimeoutMs?: number;
  readonly wholeTimeoutMs?: number;
  readonly largestBodyBytes?: number;
  readonly mostResultCharacters?: number;
}

const USER_AGENT = 'crisp-mcp-operator';

/** A character that JSON has escaped, such as `\u00e9`. */
const MOST_BYTES_A_CHARACTER = 6;
/** For what stands around the data, and in it before a long list. */
const ENVELOPE_BYTES = 64 * 1024;

interface Origin {
  readonly pool: Pool;
  calls: number;
}

type StepResult =
  | { readonly kind: 'done'; readonly step: Step; readonly text: Buffer; readonly success: CallSuccess }
  | { readonly kind: 'failed'; readonly step: Step; readonly failure: CallFailure };

export function createCrispCaller(options: CrispCallerOptions): CrispCaller {
  return new PooledCrispCaller(options);
}

class PooledCrispCaller implements CrispCaller {
  readonly #origins: ReadonlyMap<string, Origin>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #mostCalls: number;
  readonly #limits: ExchangeLimits;
  readonly #mostCharacters: number;
  readonly #closed = new AbortController();
  readonly #listeners: ((credential: CrispCredential, tier: Tier) => void)[] = [];
  readonly #deadlines: Deadlines;
  readonly #commonHeaders = new WeakMap<CrispCredential, { tier: Tier; values: readonly string[] }>();

  constructor(options: CrispCallerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#deadlines = new Deadlines(this.#clock);
    this.#logger = options.logger;
    this.#mostCalls = options.mostCalls ?? 512;
    this.#mostCharacters = options.mostResultCharacters ?? 100_000;
    const bodyBytes = options.largestBodyBytes ?? 4 * 1024 * 1024;
    this.#limits = {
      headersMs: options.headersTimeoutMs ?? 10_000,
      wholeMs: options.wholeTimeoutMs ?? 30_000,
      bodyBytes,
      beginningBytes: Math.min(bodyBytes, MOST_BYTES_A_CHARACTER * this.#mostCharacters + ENVELOPE_BYTES),
    };
    const poolOptions = {
      connections: options.connections ?? 64,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 60_000,
      connect: { timeout: this.#limits.headersMs },
    };
    this.#origins = new Map(
      options.allowedOrigins.map((each) => {
        const { origin } = new URL(each);
        return [origin, { pool: new Pool(origin, poolOptions), calls: 0 }];
      }),
    );
    compileWhenIdle(ENTRIES, this.#closed.signal);
  }

  async call(
    tool: Tool,
    args: unknown,
    access: CrispAccess,
    signal: CallSignal,
    traceparent?: string,
  ): Promise<CallOutcome> {
    const planned = this.#plan(tool, args, access, signal, traceparent);
    if ('kind' in planned) return planned;
    const { origin, requests } = planned;
    const [only] = requests;
    const count = requests.length;
    origin.calls += count;
    try {
      if (count !== 1 || only === undefined) return await this.#performAll(planned);
      const result = this.#read(planned, only, await this.#exchange(planned, only));
      return result.kind === 'failed' ? result.failure : result.success;
    } finally {
      origin.calls -= count;
    }
  }

  onRequest(listener: (credential: CrispCredential, tier: Tier) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([...this.#origins.values()].map(({ pool }) => pool.destroy()));
    this.#deadlines.close();
  }

  /** What is to be sent, or why nothing is. */
  #plan(
    tool: Tool,
    args: unknown,
    access: CrispAccess,
    signal: CallSignal,
    traceparent: string | undefined,
  ): PlannedCall | CallFailure {
    const entry = findEntry(tool.name);
    if (entry === undefined) throw new Error(`${tool.name} is not in the catalogue`);
    const other = otherWebsite(args, access);
    if (other !== undefined) return other;
    const validation = validateArguments(entry, args);
    if (validation.kind === 'invalid') return invalidArguments(tool, validation.problems);
    const tier = tool.tiers.find((each) => access.credentials.has(each));
    const credential = tier === undefined ? undefined : access.credentials.get(tier);
    if (tier === undefined || credential === undefined) return tierMissing(tool, [...access.credentials.keys()]);
    const origin = this.#origins.get(access.apiUrl) ?? this.#origins.get(access.apiUrl.replace(/\/+$/, ''));
    if (origin === undefined) {
      return failure(
        'refused',
        'The Crisp API address of this account is not among those this gateway may call. Nothing was sent. Whoever runs the gateway has to allow it.',
      );
    }
    const planned = planRequests(entry, validation.args, access.websiteId);
    if ('problem' in planned) return invalidArguments(tool, [planned.problem]);
    if (origin.calls + planned.requests.length > this.#mostCalls) {
      return {
        ...failure(
          'rate_limited',
          'Too many Crisp calls are in flight in this gateway. Not executed. Try again in 5 seconds.',
        ),
        retryAfterSeconds: 5,
      };
    }
    return { entry, requests: planned.requests, tier, credential, origin, signal, traceparent };
  }

  async #performAll(call: PlannedCall): Promise<CallOutcome> {
    const { entry, requests } = call;
    const done: Extract<StepResult, { kind: 'done' }>[] = [];
    for (const request of requests) {
      const result = this.#read(call, request, await this.#exchange(call, request));
      if (result.kind === 'failed') return entry.tool.effect === 'read' ? result.failure : partly(result, done);
      done.push(result);
    }
    return joined(entry, done);
  }

  #exchange({ credential, tier, origin, signal, traceparent }: PlannedCall, { request }: PlannedRequest) {
    const headers = this.#headers(credential, tier).slice();
    if (request.body !== undefined) headers.push('content-type', 'application/json');
    if (traceparent !== undefined) headers.push('traceparent', traceparent);
    for (const listener of this.#listeners) listener(credential, tier);
    const { pool } = origin;
    const limits = this.#limits;
    return exchange({ pool, request, headers, limits, signal, clock: this.#clock, deadlines: this.#deadlines });
  }

  #read(call: PlannedCall, { step }: PlannedRequest, answer: ExchangeResult): StepResult {
    const { entry, credential } = call;
    const { operation } = step;
    const failed: FailedCall = {
      toolName: entry.tool.name,
      effect: entry.tool.effect,
      credential,
      now: this.#clock.now(),
    };
    if (answer.kind === 'failed') {
      this.#logger.debug('Crisp call failed', {
        tool: entry.tool.name,
        operation: operation.id,
        reason: answer.cause,
        code: answer.errorCode,
      });
      return { kind: 'failed', step, failure: failureOfExchange(failed, answer) };
    }
    const { status, body } = answer;
    const accepted = (status >= 200 && status < 300) || (status === 404 && operation.answer?.exists === true);
    if (!accepted) return { kind: 'failed', step, failure: failureOfAnswer(failed, answer) };
    const data = readAnswer({
      operation,
      args: step.arguments,
      status,
      body,
      incomplete: answer.incomplete,
      // Those of a composite share the cap.
      mostCharacters: Math.max(LEAST, Math.floor(this.#mostCharacters / call.requests.length)),
      ...(step.take === undefined ? {} : { take: step.take }),
    });
    if (data.kind !== 'data') return { kind: 'failed', step, failure: unusable(failed, status, data) };
    const limits = readLimits(answer.headers, failed.now);
    return {
      kind: 'done',
      step,
      text: data.text,
      success: {
        kind: 'success',
        text: data.text,
        truncated: data.truncated,
        upstreamStatus: status,
        ...(data.note === undefined ? {} : { note: data.note }),
        ...(limits === undefined ? {} : { limits }),
      },
    };
  }

  /** Names and values, one after the other, that all requests with a credential have in common. */
  #headers(credential: CrispCredential, tier: Tier): readonly string[] {
    let headers = this.#commonHeaders.get(credential);
    if (headers?.tier !== tier) {
      headers = { tier, values: crispHeaders(credential, tier) };
      this.#commonHeaders.set(credential, headers);
    }
    return headers.values;
  }
}

interface PlannedRequest {
  readonly step: Step;
  readonly request: CrispRequest;
}

interface PlannedCall {
  readonly entry: CatalogEntry;
  readonly requests: readonly PlannedRequest[];
  readonly tier: Tier;
  readonly credential: CrispCredential;
  readonly origin: Origin;
  readonly signal: CallSignal;
  readonly traceparent: string | undefined;
}

/** What every request to Crisp says of itself: names and values, one after the other. */
export function crispHeaders({ identifier, key }: CrispCredential, tier: Tier): string[] {
  const authorization = `Basic ${Buffer.from(`${identifier}:${key}`).toString('base64')}`;
  return ['authorization', authorization, 'x-crisp-tier', tier, 'user-agent', USER_AGENT, 'accept', 'application/json'];
}

/** Every request of a call is built before the first is sent, so that none is sent when one cannot be. */
function planRequests(
  entry: CatalogEntry,
  args: Arguments,
  websiteId: string,
): { readonly requests: readonly PlannedRequest[] } | { readonly problem: Problem } {
  try {
    return {
      requests: entry
        .plan(args)
        .map((step) => ({ step, request: buildRequest(step.operation, step.arguments, websiteId) })),
    };
  } catch (error) {
    if (error instanceof UnsafePathError) return { problem: { field: error.field, message: error.message } };
    throw error;
  }
}

function otherWebsite(args: unknown, access: CrispAccess): CallFailure | undefined {
  if (typeof args !== 'object' || args === null || !('website_id' in args)) return undefined;
  const { website_id: given } = args;
  if (typeof given !== 'string' || given.toLowerCase() === access.websiteId.toLowerCase()) return undefined;
  return failure(
    'other_website',
    'This server serves one Crisp website, and website_id names another. Nothing was sent. Leave website_id out; for the other website, use its own server.',
  );
}

function invalidArguments(tool: Tool, problems: readonly Problem[]): CallFailure {
  const lines = problems.map(({ field, message }) => `- ${field}: ${message}`);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return failure(
    'invalid_arguments',
    `The arguments of ${tool.name} have ${count}; nothing was sent.\n${lines.join('\n')}`,
  );
}

function unusable(call: FailedCall, status: number, data: Exclude<Data, { kind: 'data' }>): CallFailure {
  const effect =
    call.effect === 'write'
      ? `Its status (${status}) says that the change was accepted; check before repeating it.`
      : consequence(call, true);
  return {
    ...failure('upstream_error', `The answer of Crisp cannot be read: ${data.problem}. ${effect}`),
    upstreamStatus: status,
  };
}

/** A later write failed after an earlier one was done. */
function partly(
  failed: Extract<StepResult, { kind: 'failed' }>,
  done: readonly Extract<StepResult, { kind: 'done' }>[],
): CallFailure {
  if (done.length === 0) return failed.failure;
  const labels = done.map(({ step }) => step.label).join(', ');
  return {
    ...failed.failure,
    message: `Partly done: ${labels} was changed, ${failed.step.label} was not. ${failed.failure.message} To finish, call again with only the fields of ${failed.step.label}.`,
  };
}

function joined(entry: CatalogEntry, done: readonly Extract<StepResult, { kind: 'done' }>[]): CallSuccess {
  const reads = entry.tool.effect === 'read';
  // Of writes only what was changed is shown, not what Crisp said of it.
  const shown = done.filter(({ success }) => reads || success.truncated === undefined);
  const said = [...shown.map(({ success }) => success.note), entry.note].filter((note) => note !== undefined);
  const notes = [...new Set(said)];
  const limits = done.at(-1)?.success.limits;
  return {
    kind: 'success',
    text: reads
      ? joinResults(done.map(({ step, text }) => ({ label: step.label, text })))
      : Buffer.from(JSON.stringify({ changed: done.map(({ step }) => step.label) })),
    ...(shown.some(({ success }) => success.truncated) ? { truncated: true } : {}),
    upstreamStatus: done.at(-1)?.success.upstreamStatus ?? 200,
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
    ...(limits === undefined ? {} : { limits }),
  };
}
