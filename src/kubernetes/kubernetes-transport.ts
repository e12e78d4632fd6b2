import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { type Clock, delay } from '../process/clock.ts';
import { apiErrorOf } from './api-status.ts';
import type { KubeAccess } from './kube-config.ts';
import { CredentialSource, type TlsMaterial } from './kube-credentials.ts';
import { ApiError } from './object-api.ts';
import type { TokenBucket } from './token-bucket.ts';

/**
 * Requests to one API server. Each is bounded in time from the moment the rate limit lets it go, ends when the caller's
 * signal aborts, and fails with an ApiError whose message names method, path and cause, never headers or bodies.
 * Nothing is retried here: the callers are queues that know better when.
 */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Throws when the request must not leave any more. */
  readonly assertAllowed?: (() => void) | undefined;
}

const USER_AGENT = 'crisp-mcp-operator';
/** A page of 500 of the largest objects we read stays far below. */
const LARGEST_ANSWER = 128 * 2 ** 20;

export class KubernetesTransport {
  readonly #access: KubeAccess;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #requestTimeoutMs: number;
  readonly #credentials: CredentialSource;
  #agent: { readonly identity: string; readonly dispatcher: Dispatcher } | undefined;

  constructor(options: { access: KubeAccess; clock: Clock; bucket: TokenBucket; requestTimeoutMs: number }) {
    this.#access = options.access;
    this.#clock = options.clock;
    this.#bucket = options.bucket;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    this.#credentials = new CredentialSource(options.access, options.clock);
  }

  /** The answer's JSON. */
  async call(request: TransportRequest): Promise<unknown> {
    const limit = await this.#start(request, this.#requestTimeoutMs);
    try {
      const response = await this.#send(request, limit.signal);
      const body = parse(await read(response.body, LARGEST_ANSWER));
      this.#expectSuccess(response, body);
      return body;
    } catch (error) {
      throw limit.explain(error);
    } finally {
      limit.release();
    }
  }

  /** The answer's bytes as they come, for at most `milliseconds`; ends without an error when the caller's signal aborts. */
  async *stream(request: TransportRequest, milliseconds: number): AsyncGenerator<Uint8Array, void, void> {
    if (isAborted(request)) return;
    try {
      // The headers are bounded like any answer, the stream by its own length.
      const opening = await this.#start(request, this.#requestTimeoutMs);
      const streaming = new Deadline(this.#clock, milliseconds, request);
      try {
        const response = await this.#send(request, AbortSignal.any([opening.signal, streaming.signal]));
        if (response.statusCode >= 300) {
          this.#expectSuccess(response, parse(await read(response.body, LARGEST_ANSWER)));
        }
        opening.release();
        yield* response.body;
      } catch (error) {
        throw (opening.isOver ? opening : streaming).explain(error);
      } finally {
        opening.release();
        streaming.release();
      }
    } catch (error) {
      if (!isAborted(request)) throw error;
    }
  }

  async close(): Promise<void> {
    await this.#agent?.dispatcher.destroy();
  }

  async #start(request: TransportRequest, milliseconds: number): Promise<Deadline> {
    const wait = this.#bucket.reserve();
    if (wait > 0) await delay(this.#clock, wait, request.signal);
    request.assertAllowed?.();
    return new Deadline(this.#clock, milliseconds, request);
  }

  async #send(request: TransportRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { headers, tls } = await orAbort(this.#credentials.current(), signal);
    const server = new URL(this.#access.cluster.server);
    return this.#dispatcher(tls).request({
      origin: server.origin,
      path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
      method: request.method,
      headers: {
        ...headers,
        accept: request.accept ?? 'application/json',
        'user-agent': USER_AGENT,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
      // The deadline above bounds both.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  #expectSuccess(response: Dispatcher.ResponseData, body: unknown): void {
    if (response.statusCode < 300) return;
    if (response.statusCode === 401) this.#credentials.forget();
    const retryAfter = response.headers['retry-after'];
    throw apiErrorOf(response.statusCode, body, typeof retryAfter === 'string' ? retryAfter : undefined);
  }

  /** One pool, replaced when certificates change; requests under way end on the old one. */
  #dispatcher(tls: TlsMaterial): Dispatcher {
    const identity = JSON.stringify(tls);
    if (this.#agent?.identity === identity) return this.#agent.dispatcher;
    this.#agent?.dispatcher.close().catch(() => undefined);
    const { proxyUrl } = this.#access.cluster;
    const connect = { ...tls, timeout: this.#requestTimeoutMs, keepAlive: true, keepAliveInitialDelay: 30_000 };
    const dispatcher =
      proxyUrl === undefined
        ? new Agent({ connect, allowH2: false })
        : new ProxyAgent({ uri: proxyUrl, requestTls: connect, allowH2: false });
    this.#agent = { identity, dispatcher };
    return dispatcher;
  }
}

/** The bound of one request: its time and the caller's signal. */
class Deadline {
  readonly signal: AbortSignal;
  readonly #request: TransportRequest;
  readonly #milliseconds: number;
  readonly #release: () => void;
  isOver = false;

  constructor(clock: Clock, milliseconds: number, request: TransportRequest) {
    const controller = new AbortController();
    const timer = clock.setTimer(milliseconds, () => {
      this.isOver = true;
      controller.abort();
    });
    this.signal =
      request.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, request.signal]);
    this.#request = request;
    this.#milliseconds = milliseconds;
    this.#release = () => timer.cancel();
  }

  release(): void {
    this.#release();
  }

  explain(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    const { method, path, signal } = this.#request;
    const cause = this.isOver
      ? `no answer within ${this.#milliseconds} ms`
      : signal?.aborted === true
        ? 'cancelled by the caller'
        : causeOf(error);
    const message = `${method} ${path.replace(/\?.*/, '')}: ${cause}`;
    return new ApiError({ reason: 'Unreachable', status: 0, message });
  }
}

function isAborted(request: TransportRequest): boolean {
  return request.signal?.aborted === true;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message.slice(0, 300)}${code}`;
}

async function read(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('aborted while waiting for credentials'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
