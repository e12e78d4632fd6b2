import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type Clock, delay } from '../../process/clock.ts';
import { eventData } from './event-reader.ts';
import { type Fields, headersFor, isFields, type MessageId, type PassingMessage, readMessage } from './message.ts';

/**
 * Carries MCP between stdio, a message a line, and one URL, a POST a message. The server keeps no session, so there is
 * nothing to lose between two messages: a server that cannot be reached is tried again for a while, and a stream of news
 * is opened again. Guarantees: nothing but the protocol on the output; every request gets one answer, an error if need
 * be; a call that may have been executed is never sent twice. Ends when the input does.
 */
export interface BridgeOptions {
  url: URL;
  /** Sent with every request, such as a second factor. */
  headers: Readonly<Record<string, string>>;
  input: Readable;
  output: Writable;
  clock: Clock;
  /** For people; never holds the URL. */
  tell: (line: string) => void;
  /** Ends everything at once. */
  signal: AbortSignal;
  /** How long an unreachable server is tried again, milliseconds. */
  patience?: number;
}

const PATIENCE = 30_000;
/** After the input has ended: how long answers are still waited for, milliseconds. */
const LAST_ANSWERS = 10_000;
const LONGEST_CALL = 10 * 60_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;
const LISTEN = 'subscriptions/listen';

export async function runBridge(options: BridgeOptions): Promise<void> {
  const bridge = new Bridge(options);
  await bridge.run();
}

type Exchange =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'aborted' };

class Bridge {
  readonly #options: BridgeOptions;
  readonly #running = new Map<MessageId, AbortController>();
  readonly #pending = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  #version: string | undefined;
  #reachable = true;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { input, output, signal, clock } = this.#options;
    const stop = () => this.#ended.abort();
    signal.addEventListener('abort', stop);
    output.on('error', stop);
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    this.#ended.signal.addEventListener('abort', () => lines.close());
    if (signal.aborted) stop();
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const work: Promise<void> = this.#handle(line).finally(() => this.#pending.delete(work));
      this.#pending.add(work);
    }
    const tooLong = clock.setTimer(LAST_ANSWERS, stop);
    for (const [, streaming] of this.#streams) streaming.abort();
    await Promise.all(this.#pending);
    tooLong.cancel();
    stop();
  }

  readonly #streams = new Map<MessageId, AbortController>();

  async #handle(line: string): Promise<void> {
    let body: unknown;
    try {
      body = JSON.parse(line);
    } catch {
      this.#error(null, -32700, 'This line is not valid JSON.');
      return;
    }
    const message = readMessage(body);
    if (message.method === 'notifications/cancelled') {
      const { requestId } = message.params;
      if (typeof requestId === 'string' || typeof requestId === 'number') this.#cancel(requestId);
      return;
    }
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.#ended.signal]);
    const { id } = message;
    if (id !== undefined) this.#running.set(id, abort);
    if (id !== undefined && message.method === LISTEN) this.#streams.set(id, abort);
    try {
      if (id !== undefined && message.method === LISTEN) await this.#listen(id, message, signal);
      else await this.#pass(message, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_CALL)]));
    } catch (error) {
      if (!signal.aborted && id !== undefined) this.#error(id, 502, `The answer broke off: ${reasonOf(error)}.`);
    } finally {
      if (id !== undefined) {
        this.#running.delete(id);
        this.#streams.delete(id);
      }
    }
  }

  /** Closing the request is how a cancellation reaches a server without sessions. */
  #cancel(id: MessageId): void {
    this.#running.get(id)?.abort();
  }

  async #pass(message: PassingMessage, signal: AbortSignal): Promise<void> {
    const exchange = await this.#post(message, signal);
    const { id } = message;
    if (exchange.kind === 'aborted') return;
    if (exchange.kind === 'failed') {
      if (id !== undefined) this.#error(id, 502, exchange.message);
      return;
    }
    const { response } = exchange;
    if (isEventStream(response) && response.body !== null) {
      for await (const data of eventData(response.body)) this.#write(data);
      return;
    }
    const text = await response.text();
    if (message.method === 'initialize') this.#version = negotiatedIn(text) ?? this.#version;
    if (id === undefined && !Array.isArray(message.body)) return;
    this.#answer(id ?? null, response, text);
  }

  /** News of changed lists: the stream is opened again when it breaks or the server restarts, until the URL is dead. */
  async #listen(id: MessageId, message: PassingMessage, signal: AbortSignal): Promise<void> {
    let granted: Fields | undefined;
    while (!signal.aborted) {
      const exchange = await this.#post(message, signal);
      if (exchange.kind === 'aborted') return;
      if (exchange.kind === 'failed') return this.#error(id, 502, exchange.message);
      const { response } = exchange;
      if (!isEventStream(response) || response.body === null) {
        return this.#answer(id, response, await response.text());
      }
      let ending: string | undefined;
      try {
        for await (const data of eventData(response.body)) {
          const event = readMessage(JSON.parse(data));
          if (event.method === undefined) ending = data;
          else if (event.method !== 'notifications/subscriptions/acknowledged') this.#write(data);
          else if (granted === undefined) {
            granted = isFields(event.params.notifications) ? event.params.notifications : {};
            this.#write(data);
          } else {
            // Whatever happened while nobody listened.
            this.#announce(granted, event.params._meta);
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#options.tell(`the stream of news broke off (${reasonOf(error)}); opening it again`);
      }
      if (granted === undefined || Object.keys(granted).length === 0) {
        return ending === undefined ? this.#error(id, 502, 'The stream broke off.') : this.#write(ending);
      }
      await delay(this.#options.clock, FIRST_PAUSE, signal);
    }
  }

  #announce(granted: Fields, meta: unknown): void {
    for (const kind of ['tools', 'prompts', 'resources']) {
      if (granted[`${kind}ListChanged`] !== true) continue;
      const method = `notifications/${kind}/list_changed`;
      this.#write(JSON.stringify({ jsonrpc: '2.0', method, params: { _meta: meta } }));
    }
  }

  /** Repeated while nothing can have been executed, as long as patience lasts. */
  async #post(message: PassingMessage, signal: AbortSignal): Promise<Exchange> {
    const { url, headers, clock, tell } = this.#options;
    const giveUp = clock.monotonic() + (this.#options.patience ?? PATIENCE);
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      if (signal.aborted) return { kind: 'aborted' };
      let problem: string;
      let wait = pause;
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...headers,
            ...headersFor(message, this.#version),
          },
          body: JSON.stringify(message.body),
          signal,
          redirect: 'manual',
        });
        if (!this.#reachable) tell('the server answers again');
        this.#reachable = true;
        const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN) * 1_000;
        // The gateway's own words that it is not ready yet; it has executed nothing.
        if (response.status !== 503 || !(retryAfter <= LONGEST_PAUSE)) return { kind: 'response', response };
        if (clock.monotonic() + retryAfter > giveUp) return { kind: 'response', response };
        await response.body?.cancel();
        problem = 'it is not ready';
        wait = retryAfter;
      } catch (error) {
        if (signal.aborted) return { kind: 'aborted' };
        problem = reasonOf(error);
        const repeatable = wasNotSent(error) || message.method !== 'tools/call';
        if (!repeatable) {
          const unknown = 'It is unknown whether the call was executed: look before you repeat it.';
          return { kind: 'failed', message: `The connection to the MCP server was lost (${problem}). ${unknown}` };
        }
      }
      if (this.#reachable) tell(`the server cannot be reached (${problem}); trying again`);
      this.#reachable = false;
      if (clock.monotonic() + wait > giveUp) {
        return { kind: 'failed', message: `The MCP server cannot be reached (${problem}). Nothing was executed.` };
      }
      await delay(clock, wait, signal);
    }
  }

  #answer(id: MessageId | null, response: Response, text: string): void {
    const parsed = parse(text);
    if (parsed === undefined) {
      if (response.status === 202) return;
      this.#error(id, response.status, `The MCP server answered HTTP ${response.status} without a message.`);
      return;
    }
    // An error about the whole URL does not know which request it answers.
    const adopted =
      isFields(parsed) && 'error' in parsed && (parsed.id ?? null) === null ? { ...parsed, id } : undefined;
    if (adopted !== undefined) this.#write(JSON.stringify(adopted));
    else this.#write(text.includes('\n') ? JSON.stringify(parsed) : text);
  }

  #error(id: MessageId | null, code: number, message: string): void {
    this.#write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
  }

  #write(message: string): void {
    this.#options.output.write(`${message}\n`);
  }
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function negotiatedIn(text: string): string | undefined {
  const parsed = parse(text);
  const version = isFields(parsed) && isFields(parsed.result) ? parsed.result.protocolVersion : undefined;
  return typeof version === 'string' ? version : undefined;
}

const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function wasNotSent(error: unknown): boolean {
  return NOT_SENT.has(codeOf(error) ?? '');
}

/** A code rather than a message: messages may hold the URL. */
function reasonOf(error: unknown): string {
  return codeOf(error) ?? 'connection lost';
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code: unknown = isFields(cause) && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
