import type { IncomingMessage } from 'node:http';
import type { Clock } from '../process/clock.ts';

/**
 * Reads a request's body into memory, counting while it reads: more than `limit` bytes are never held. What exceeds it
 * is discarded for a moment before the answer, because a client that is still sending would lose an answer followed by
 * a reset. How long a whole request may take is bounded by the server's `requestTimeout`.
 */
export type Body =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'aborted' };

const DISCARD_FACTOR = 4;
const DISCARD_FOR = 1_000;

export function readBody(request: IncomingMessage, limit: number, clock: Clock): Promise<Body> {
  return new Promise((resolve) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    let settled = false;
    const settle = (body: Body) => {
      if (settled) return;
      settled = true;
      resolve(body);
    };
    // Listeners for more than one occasion, because Node's `once` costs more than settling in vain.
    const aborted = () => settle(ABORTED);
    const declared = Number(request.headers['content-length'] ?? 0);
    let overflowed = false;
    const overflow = () => {
      overflowed = true;
      first = undefined;
      rest = undefined;
      const timer = clock.setTimer(DISCARD_FOR, () => settle({ kind: 'too-large' }));
      request.once('close', () => timer.cancel());
    };
    if (declared > limit) overflow();
    request.on('data', (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      if (!overflowed && size > limit) overflow();
      if (overflowed) {
        if (size > limit * DISCARD_FACTOR) settle({ kind: 'too-large' });
      } else if (first === undefined) first = chunk;
      else if (rest === undefined) rest = [first, chunk];
      else rest.push(chunk);
    });
    request.on('end', () => {
      if (overflowed) settle({ kind: 'too-large' });
      else settle({ kind: 'read', bytes: rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest, size) });
    });
    request.on('error', aborted);
    request.on('close', aborted);
  });
}

const EMPTY = Buffer.alloc(0);
const ABORTED: Body = { kind: 'aborted' };
