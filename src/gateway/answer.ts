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
  | { readonly kind: 'json'; readonly text: string }
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
  return { status, outcome, content: { kind: 'json', text }, ...(headers === undefined ? {} : { headers }) };
}
