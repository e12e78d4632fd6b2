import type { IncomingHttpHeaders } from 'node:http';
import type { Random } from '../process/random.ts';
import { ACCEPTED, type Answer, messageOf } from './answer.ts';
import type { EventStream } from './event-stream.ts';
import { NO_SUCH_SESSION } from './http-errors.ts';
import type { PostedBody } from './mcp-endpoint.ts';
import { type RunningCalls, type Served, WHY_STREAMS_END } from './running-calls.ts';
import type { Subscriptions } from './subscriptions.ts';

/**
 * The HTTP+SSE transport of 2024, for clients that know no other: a GET opens a stream whose first event names a URL to
 * post to; answers travel on the stream. A session lives in this process alone, so it wants one replica or a balancer
 * that keeps a client on one, and is off unless configured. Answers come from the same endpoint as everywhere else; here
 * they only change the road. A session ends with its stream, and its stream with the token.
 */
interface Session {
  readonly token: string;
  readonly stream: EventStream;
  /** What the calls under way do when the stream closes. */
  readonly onGone: Set<() => void>;
}

export type SseTarget = { readonly kind: 'open' | 'post'; readonly token: string; readonly sessionId: string };

export class LegacySse {
  readonly #random: Random;
  readonly #running: Pick<RunningCalls, 'startStream'>;
  readonly #subscriptions: Pick<Subscriptions, 'refusal' | 'keepAlive'>;
  readonly #endpoint: (post: PostedBody) => Answer | Promise<Answer>;
  readonly #sessions = new Map<string, Session>();

  constructor(options: {
    random: Random;
    running: Pick<RunningCalls, 'startStream'>;
    subscriptions: Pick<Subscriptions, 'refusal' | 'keepAlive'>;
    endpoint: (post: PostedBody) => Answer | Promise<Answer>;
  }) {
    this.#random = options.random;
    this.#running = options.running;
    this.#subscriptions = options.subscriptions;
    this.#endpoint = options.endpoint;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  open(token: string, served: Served): Answer {
    const refused = this.#subscriptions.refusal(null, served);
    if (refused !== undefined) return refused;
    return {
      status: 200,
      outcome: 'ok',
      content: { kind: 'stream', start: (stream) => this.#start(token, served, stream) },
    };
  }

  /** The message is accepted at once; its answer is sent when there is one. */
  post(sessionId: string, post: PostedBody): Answer {
    const session = this.#sessions.get(sessionId);
    if (session?.token !== post.token) return NO_SUCH_SESSION;
    const { stream, onGone } = session;
    const listeners: (() => void)[] = [];
    const listen = (listener: () => void) => {
      listeners.push(listener);
      onGone.add(listener);
    };
    void Promise.resolve(this.#endpoint({ ...post, mayStream: false, onGone: listen }))
      .then(
        (answer) => {
          const text = messageOf(answer);
          if (text !== undefined) stream.message(text);
        },
        () => stream.end(),
      )
      // A stream may live for days, and a listener holds all of its call.
      .finally(() => {
        for (const listener of listeners) onGone.delete(listener);
      });
    return ACCEPTED;
  }

  #start(token: string, served: Served, stream: EventStream): void {
    const sessionId = this.#random.bytes(24).toString('base64url');
    const run = this.#running.startStream(token, served);
    const onGone = new Set<() => void>();
    this.#sessions.set(sessionId, { token, stream, onGone });
    stream.onClosed(() => {
      this.#sessions.delete(sessionId);
      run.end();
      for (const gone of onGone) gone();
    });
    this.#subscriptions.keepAlive(stream);
    void run.cut.then((reason) => {
      stream.comment(WHY_STREAMS_END[reason]);
      stream.end();
    });
    stream.event('endpoint', `/mcp/${token}/messages?sessionId=${sessionId}`);
  }
}

const PATH = /^\/mcp\/([^/?]+)\/(sse|messages)\/?(?:\?(.*))?$/;

/** Whether a request is of this transport by its path. */
export function sseTargetOf(method: string, url: string): SseTarget | undefined {
  const [, token = '', part, query = ''] = PATH.exec(url) ?? [];
  if (part === 'sse' && method === 'GET') return { kind: 'open', token, sessionId: '' };
  if (part !== 'messages' || method !== 'POST') return undefined;
  return { kind: 'post', token, sessionId: new URLSearchParams(query).get('sessionId') ?? '' };
}

/** Whether a GET on the URL itself is of this transport. Clients of later ones accept JSON too, or name a version. */
export function wantsLegacySse(headers: IncomingHttpHeaders): boolean {
  return (
    headers.accept?.trim().toLowerCase() === 'text/event-stream' &&
    headers['mcp-protocol-version'] === undefined &&
    headers['mcp-session-id'] === undefined
  );
}
