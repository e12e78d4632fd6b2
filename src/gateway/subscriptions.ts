import type { Clock, Timer } from '../process/clock.ts';
import { type Answer, json } from './answer.ts';
import type { EventStream } from './event-stream.ts';
import { tooManyStreams } from './http-errors.ts';
import { errorText, type Fields, INVALID_PARAMS, isFields, type RequestId, resultText } from './json-rpc.ts';
import type { ServerInfo } from './manifest-cache.ts';
import { SERVER_INFO_META, SUBSCRIPTION_ID_META } from './protocol-era.ts';
import { type RunningCalls, type Served, WHY_STREAMS_END } from './running-calls.ts';
import type { Toolsets } from './toolset.ts';

/**
 * `subscriptions/listen`: a stream that tells a client when the lists of its server have changed, which is when the filter
 * of the route or the tiers of its account did. By hand rather than by the SDK, whose streams need a handler object for
 * each tenant. Guarantees: bounded for each server and overall; ends at the token's expiry or revocation, and in order
 * when the process does; a comment shows proxies that the stream lives.
 */
export interface SubscriptionLimits {
  /** Streams of one server. */
  perServer: number;
  /** Streams of the process, kept-alive one by one. */
  overall: number;
}

export const DEFAULT_SUBSCRIPTION_LIMITS: SubscriptionLimits = { perServer: 32, overall: 4_096 };

export interface Listening {
  readonly id: RequestId;
  readonly params: Fields;
  readonly token: string;
  readonly served: Served;
  /** Kinds of lists this server announces changes of. */
  readonly announced: ReadonlySet<ListKind>;
}

export type ListKind = 'tools' | 'prompts' | 'resources';
const KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** Shorter than what proxies usually grant a silent connection. */
const KEEP_ALIVE = 15_000;

export class Subscriptions {
  readonly #clock: Clock;
  readonly #running: RunningCalls;
  readonly #toolsets: Toolsets;
  readonly #serverInfo: ServerInfo;
  readonly #limits: SubscriptionLimits;
  readonly #streams = new Set<EventStream>();
  #keepAlive: Timer | undefined;

  constructor(options: {
    clock: Clock;
    running: RunningCalls;
    toolsets: Toolsets;
    serverInfo: ServerInfo;
    limits: SubscriptionLimits;
  }) {
    this.#clock = options.clock;
    this.#running = options.running;
    this.#toolsets = options.toolsets;
    this.#serverInfo = options.serverInfo;
    this.#limits = options.limits;
  }

  listen(request: Listening): Answer {
    const { id, params, served, announced } = request;
    const asked = params.notifications;
    if (!isFields(asked)) {
      const message = '"params.notifications" must be an object that says which notifications are wanted.';
      return json(errorText(id, INVALID_PARAMS, message), 'rpc-error', 400);
    }
    const refused = this.refusal(id, served);
    if (refused !== undefined) return refused;
    const kinds = KINDS.filter((kind) => announced.has(kind) && asked[`${kind}ListChanged`] === true);
    return {
      status: 200,
      outcome: 'ok',
      content: { kind: 'stream', start: (stream) => this.#start(request, kinds, stream) },
    };
  }

  /** The answer to one who wants a stream where there are too many already. */
  refusal(id: RequestId | null, served: Served): Answer | undefined {
    const { perServer, overall } = this.#limits;
    const full = this.#running.streams >= overall || this.#running.streamsOf(served.route.hash) >= perServer;
    return full ? tooManyStreams(id) : undefined;
  }

  /** Sends the stream a comment now and then until it closes. */
  keepAlive(stream: EventStream): void {
    this.#streams.add(stream);
    stream.onClosed(() => {
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      this.#keepAlive?.cancel();
      this.#keepAlive = undefined;
    });
    this.#keepAlive ??= this.#clock.setTimer(KEEP_ALIVE, () => this.#tick());
  }

  #start(request: Listening, kinds: readonly ListKind[], stream: EventStream): void {
    const { id, token, served } = request;
    const meta = { [SUBSCRIPTION_ID_META]: id };
    const notify = (method: string, params: Fields = {}) =>
      stream.message(JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, _meta: meta } }));
    const complete = () =>
      stream.message(
        resultText(
          id,
          JSON.stringify({ resultType: 'complete', _meta: { ...meta, [SERVER_INFO_META]: this.#serverInfo } }),
        ),
      );
    notify('notifications/subscriptions/acknowledged', {
      notifications: Object.fromEntries(kinds.map((kind) => [`${kind}ListChanged`, true])),
    });
    if (kinds.length === 0) {
      complete();
      stream.end();
      return;
    }
    let known = this.#toolsets.of(served.route, served.account).key;
    const run = this.#running.startStream(token, served, {
      onServed: ({ route, account }) => {
        const { key } = this.#toolsets.of(route, account);
        if (key === known) return;
        known = key;
        for (const kind of kinds) notify(`notifications/${kind}/list_changed`);
      },
    });
    stream.onClosed(() => run.end());
    this.keepAlive(stream);
    void run.cut.then((reason) => {
      stream.comment(WHY_STREAMS_END[reason]);
      complete();
      stream.end();
    });
  }

  #tick(): void {
    this.#keepAlive = undefined;
    for (const stream of this.#streams) stream.comment('alive');
    if (this.#streams.size > 0) this.#keepAlive = this.#clock.setTimer(KEEP_ALIVE, () => this.#tick());
  }
}
