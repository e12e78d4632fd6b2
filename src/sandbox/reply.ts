import type { ServerResponse } from 'node:http';
import { type Clock, delay } from '../process/clock.ts';
import { type Answer, Refusal } from './answer.ts';
import type { Fault } from './faults.ts';

/**
 * Puts an answer, a refusal or a fault on the wire. Always JSON in Crisp's envelope, except on HEAD (no body) and where
 * a fault asks for something else.
 */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = 'application/json; charset=utf-8';

export function replyTo(outcome: Answer | Refusal): Reply {
  const { status, reason, data } = outcome;
  const error = outcome instanceof Refusal;
  return { status, contentType: JSON_TYPE, body: JSON.stringify({ error, reason, data }) };
}

/** The reply that a fault stands for, or `undefined` when it only disturbs the real one. */
export function replyOfFault(fault: Fault): Reply | undefined {
  switch (fault.kind) {
    case 'rate_limited': {
      const status = fault.status ?? 429;
      const headers = {
        ...(fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }),
        ...(fault.limits && {
          'x-ratelimit-limit': String(fault.limits.limit),
          'x-ratelimit-remaining': String(fault.limits.remaining),
          'x-ratelimit-reset': String(fault.limits.reset),
        }),
      };
      const phrase = status === 420 ? 'Enhance Your Calm' : 'Too Many Requests';
      return { status, headers, ...bodyOf(fault.body ?? 'json', status, phrase, 'rate_limited') };
    }
    case 'server_error': {
      const status = fault.status ?? 502;
      return { status, ...bodyOf(fault.body ?? 'html', status, 'Bad Gateway', 'server_error') };
    }
    case 'refused':
      return replyTo(new Refusal({ status: fault.status, reason: fault.reason }, fault.message));
    default:
      return undefined;
  }
}

function bodyOf(kind: 'json' | 'html' | 'empty', status: number, phrase: string, reason: string) {
  if (kind === 'empty') return { contentType: 'text/plain', body: '' };
  if (kind === 'json') return { contentType: JSON_TYPE, body: JSON.stringify({ error: true, reason, data: {} }) };
  const title = `${status} ${phrase}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
  return { contentType: 'text/html', body };
}

export async function send(
  response: ServerResponse,
  method: string,
  reply: Reply,
  disturbance?: { fault: Fault; clock: Clock; signal: AbortSignal },
): Promise<void> {
  if (response.destroyed) return;
  const whole = Buffer.from(method === 'HEAD' ? '' : reply.body);
  const half = whole.subarray(0, Math.ceil(whole.length / 2));
  const fault = disturbance?.fault.kind;
  const body = fault === 'truncated' ? half : whole;
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': body.length,
    ...reply.headers,
  });
  if (fault === 'cut') {
    response.write(half, () => response.destroy());
    return;
  }
  if (disturbance?.fault.kind === 'slow_body') {
    response.write(half);
    await delay(disturbance.clock, disturbance.fault.milliseconds, disturbance.signal);
    if (!response.destroyed) response.end(whole.subarray(half.length));
    return;
  }
  response.end(body);
}
