import type { ServerResponse } from 'node:http';

/**
 * An answer that goes on: server-sent events on a response whose head is written already. A client that does not read is
 * cut off once more than {@link MAX_UNREAD} bytes wait for it, so a stream never holds more memory than that. After the
 * end, whoever's it was, sending does nothing.
 */
export interface EventStream {
  /** One JSON-RPC message. */
  message(text: string): void;
  /** One event of another type. */
  event(type: string, data: string): void;
  /** A line that clients ignore: shows proxies that somebody lives, and people why a stream ends. */
  comment(text: string): void;
  /** Bytes that are events already. */
  raw(bytes: Uint8Array): void;
  end(): void;
  onClosed(listener: () => void): void;
  /** Bytes sent so far. */
  readonly bytes: number;
}

export const EVENT_STREAM_HEADERS: readonly string[] = [
  'content-type',
  'text/event-stream',
  // Proxies that buffer would keep events until the stream ends.
  'x-accel-buffering',
  'no',
];

const MAX_UNREAD = 256 * 1_024;

export function eventStream(response: ServerResponse): EventStream {
  let bytes = 0;
  // What is written after the client has gone fails, and nobody else would hear of it.
  response.on('error', () => undefined);
  const write = (chunk: string | Uint8Array) => {
    if (response.destroyed || response.writableEnded) return;
    bytes += chunk.length;
    response.write(chunk);
    if (response.writableLength > MAX_UNREAD) response.destroy();
  };
  const stream: EventStream = {
    message: (text) => stream.event('message', text),
    event: (type, data) => write(`event: ${type}\ndata: ${data}\n\n`),
    comment: (text) => write(`: ${text}\n\n`),
    raw: write,
    end: () => {
      if (!response.destroyed) response.end();
    },
    onClosed: (listener) => {
      if (response.destroyed) listener();
      else response.once('close', listener);
    },
    get bytes() {
      return bytes;
    },
  };
  return stream;
}
