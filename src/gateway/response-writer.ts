import type { ServerResponse } from 'node:http';
import type { Answer, Content } from './answer.ts';
import { EVENT_STREAM_HEADERS, type EventStream, eventStream } from './event-stream.ts';
import { gzipTail, LONGEST_TAIL } from './gzip-splice.ts';
import type { Manifest } from './manifest-cache.ts';

/**
 * Puts an answer on the wire and returns how many bytes its body has. A manifest goes out as the shared bytes and its
 * tail in one system call, never copied into one buffer.
 */
const ALWAYS: readonly string[] = [
  'cache-control',
  'no-store',
  'referrer-policy',
  'no-referrer',
  'x-content-type-options',
  'nosniff',
];

export interface WriteOptions {
  /** Header names and values, one after the other, such as CORS. */
  headers: readonly string[];
  acceptEncoding: string | undefined;
  /** Ends the connection after this answer. */
  close: boolean;
}

type FiniteContent = Exclude<Content, { kind: 'stream' }>;

/** Writes the head of a stream and hands out what its events go through. */
export function startStream(response: ServerResponse, answer: Answer, options: WriteOptions): EventStream {
  response.writeHead(answer.status, [...headersOf(answer, options), ...EVENT_STREAM_HEADERS]);
  response.flushHeaders();
  return eventStream(response);
}

/** An answer in one piece; streams are begun by {@link startStream}. */
export function writeAnswer(
  response: ServerResponse,
  answer: Answer,
  content: FiniteContent,
  options: WriteOptions,
): number {
  const headers = headersOf(answer, options);
  if (content.kind === 'manifest') {
    return writeManifest(response, answer.status, headers, content.manifest, content.tail, options.acceptEncoding);
  }
  if (content.kind === 'none') {
    if (answer.status !== 204) headers.push('content-length', '0');
    response.writeHead(answer.status, headers).end();
    return 0;
  }
  if (content.kind === 'json-bytes') {
    const { bytes } = content;
    headers.push('content-type', 'application/json', 'content-length', String(bytes.length));
    response.writeHead(answer.status, headers).end(bytes);
    return bytes.length;
  }
  const length = content.kind === 'json' ? content.length : Buffer.byteLength(content.text);
  headers.push('content-type', content.kind === 'json' ? 'application/json' : 'text/plain; charset=utf-8');
  headers.push('content-length', String(length));
  // As many bytes as characters means ASCII, which Node writes faster when told that it need not encode.
  response.writeHead(answer.status, headers).end(content.text, length === content.text.length ? 'latin1' : 'utf8');
  return length;
}

function headersOf(answer: Answer, options: WriteOptions): string[] {
  const headers = ALWAYS.slice();
  if (answer.headers !== undefined) headers.push(...answer.headers);
  if (options.headers.length > 0) headers.push(...options.headers);
  if (options.close) headers.push('connection', 'close');
  return headers;
}

function writeManifest(
  response: ServerResponse,
  status: number,
  headers: string[],
  manifest: Manifest,
  tailText: string,
  acceptEncoding: string | undefined,
): number {
  const plainTail = Buffer.from(tailText);
  const gzip = plainTail.length <= LONGEST_TAIL && acceptsGzip(acceptEncoding) ? manifest.gzip : undefined;
  const start = gzip === undefined ? manifest.plain : gzip.bytes;
  const tail = gzip === undefined ? plainTail : gzipTail(gzip, plainTail);
  const length = start.length + tail.length;
  headers.push('content-type', 'application/json', 'content-length', String(length), 'vary', 'accept-encoding');
  if (gzip !== undefined) headers.push('content-encoding', 'gzip');
  response.writeHead(status, headers);
  response.cork();
  response.write(start);
  response.end(tail);
  return length;
}

const REFUSES_GZIP = /\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/;

function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding?.includes('gzip') === true && !REFUSES_GZIP.test(acceptEncoding);
}
