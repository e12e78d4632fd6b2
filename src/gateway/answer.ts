import type { EventStream } from './event-stream.ts';
import type { Manifest } from './manifest-cache.ts';

/**
 * What goes back over HTTP, before it is bytes. `outcome` is the closed set that logs and metrics speak of.
 */
export type Outcome =
  | 'ok'
  | 'tool-error'
  | 'rpc-error'
  | 'bad-request'
  | 'forbidden'
  | 'not-found'
  | 'unauthorized'
  | 'unavailable'
  | 'limited'
  | 'client-gone'
  | 'internal-error';

export type Content =
  | { readonly kind: 'none' }
  /** `length` is that of the text in UTF-8. */
  | { readonly kind: 'json'; readonly text: string; readonly length: number }
  /** JSON that is UTF-8 already, because it is large. */
  | { readonly kind: 'json-bytes'; readonly bytes: Buffer }
  /** Not JSON: for paths that are no MCP endpoint. */
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'manifest'; readonly manifest: Manifest; readonly tail: string }
  /** Events until either side ends them; `start` is called once the head of the answer is written. */
  | { readonly kind: 'stream'; readonly start: (stream: EventStream) => void };

export interface Answer {
  readonly status: number;
  readonly outcome: Outcome;
  readonly content: Content;
  /** Header names and values, one after the other. */
  readonly headers?: readonly string[];
}

export const NOTHING: Content = { kind: 'none' };
export const ACCEPTED: Answer = { status: 202, outcome: 'ok', content: NOTHING };

export function json(text: string, outcome: Outcome = 'ok', status = 200, headers?: readonly string[]): Answer {
  return answerOf({ kind: 'json', text, length: Buffer.byteLength(text) }, outcome, status, headers);
}

export function answerOf(content: Content, outcome: Outcome, status: number, headers?: readonly string[]): Answer {
  return headers === undefined ? { status, outcome, content } : { status, outcome, content, headers };
}

/** The message of an answer, for where several travel together; none for one that is empty or a stream. */
export function messageOf({ content }: Answer): string | undefined {
  if (content.kind === 'none' || content.kind === 'stream') return undefined;
  if (content.kind === 'json-bytes') return content.bytes.toString('utf8');
  return content.kind === 'manifest' ? content.manifest.plain.toString('utf8') + content.tail : content.text;
}

/** Bytes of a message in JSON; 0 for any other content. */
export function jsonLength({ content }: Answer): number {
  if (content.kind === 'json-bytes') return content.bytes.length;
  return content.kind === 'json' ? content.length : 0;
}
