import type { Decision } from './admission.ts';
import { type Answer, json, type Outcome } from './answer.ts';
import { errorText, PARSE_ERROR, type RequestId } from './json-rpc.ts';
import { limitHeaders } from './limit-headers.ts';
import type { RateRefusal } from './rate-limits.ts';

/**
 * The answers that are HTTP errors. Their bodies are JSON-RPC errors with a sentence for a person, because a client shows
 * just the body; the code is the HTTP status where MCP has none of its own. {@link NOT_FOUND_ANSWER} is one object, so
 * that unknown, malformed, expired, revoked and suspended URLs cannot be told apart.
 */
function httpError(
  status: number,
  outcome: Outcome,
  message: string,
  headers?: readonly string[],
  code = status,
): Answer {
  return json(errorText(null, code, message), outcome, status, headers);
}

export const NOT_FOUND_ANSWER = httpError(
  404,
  'not-found',
  'This MCP server URL is unknown, expired or revoked. Ask the person who gave it to you for a new one.',
);
/**
 * One object too: missing, malformed, unknown, expired, of another namespace, without the scope, for another server – the
 * answer does not say which. It names no authorization server, since there is none to discover.
 */
export const UNAUTHORIZED_ANSWER = httpError(
  401,
  'unauthorized',
  'This MCP server asks for an API token besides its URL: send one that may connect to it in the header "Authorization: Bearer <API token>". Ask the person who gave you the URL for it.',
  ['www-authenticate', 'Bearer realm="crisp-mcp"'],
);
export const ELSEWHERE_ANSWER: Answer = {
  status: 404,
  outcome: 'not-found',
  content: { kind: 'plain', text: 'Not found\n' },
};
const METHOD_NOT_ALLOWED = httpError(
  405,
  'bad-request',
  'This MCP server answers POST only; it keeps no sessions and opens no event stream.',
  ['allow', 'POST, OPTIONS'],
);
const NOT_ALLOWED_WITH_SSE = httpError(
  405,
  'bad-request',
  'This MCP server answers POST; GET only opens the event stream of clients of 2024 (Accept: text/event-stream).',
  ['allow', 'GET, POST, OPTIONS'],
);
export function methodNotAllowed(opensStreams: boolean): Answer {
  return opensStreams ? NOT_ALLOWED_WITH_SSE : METHOD_NOT_ALLOWED;
}
export const NO_SUCH_SESSION = httpError(
  404,
  'not-found',
  'There is no such session here: it has ended, or another replica of the gateway holds it. Connect anew.',
);
export const TOO_LARGE = (limit: number) =>
  httpError(413, 'bad-request', `The request is larger than ${limit} bytes, the most this server accepts.`);
export const WRONG_TYPE = httpError(
  415,
  'bad-request',
  'Send the message as uncompressed JSON with the header Content-Type: application/json.',
);
export const NOT_JSON = httpError(
  400,
  'bad-request',
  'The body of the request is not valid JSON.',
  undefined,
  PARSE_ERROR,
);
export const INTERNAL = httpError(
  500,
  'internal-error',
  'The gateway failed to answer this request. Try again; if it persists, tell its administrator the time.',
);

export function forbidden(message: string): Answer {
  return httpError(403, 'forbidden', message);
}

const WHY_UNAVAILABLE = {
  account:
    'This MCP server cannot reach its Crisp account: the account or its credential is missing, refused or not checked yet. Its administrator sees the reason in the status of the resource.',
  store: 'The gateway cannot verify at the moment whether this URL is still valid.',
} as const;

/** To a request whose token is not served. */
export function refusal(decision: Exclude<Decision, { kind: 'serve' }>): Answer {
  if (decision.kind === 'notFound') return NOT_FOUND_ANSWER;
  if (decision.kind === 'unauthorized') return UNAUTHORIZED_ANSWER;
  const { cause, retryAfterSeconds } = decision;
  const why = WHY_UNAVAILABLE[cause === 'account' ? 'account' : 'store'];
  const message = `${why} Try again in ${retryAfterSeconds} seconds.`;
  return httpError(503, 'unavailable', message, ['retry-after', String(retryAfterSeconds)]);
}

const RECORD_RETRY = 5;

/** The gateway's own limit: nothing was executed. */
export function tooManyCalls(id: RequestId, retryAfterSeconds: number): Answer {
  const message = `Too many tool calls are running on this server. The call was not executed. Wait ${retryAfterSeconds} seconds, then retry it once.`;
  return json(errorText(id, 429, message, { retry_after_seconds: retryAfterSeconds }), 'limited', 429, [
    'retry-after',
    String(retryAfterSeconds),
  ]);
}

/** The limit that the server or its account has: nothing was executed. */
export function rateLimited(id: RequestId, { whose, perMinute, retryAfterSeconds }: RateRefusal, what: string): Answer {
  const subject = whose === 'server' ? 'This server allows' : 'The Crisp account of this server allows';
  const message = `${subject} ${perMinute} ${what} a minute (its rateLimit). Not executed. Wait ${seconds(retryAfterSeconds)}, then retry once.`;
  const data = {
    retry_after_seconds: retryAfterSeconds,
    limit: perMinute,
    remaining: 0,
    reset_seconds: retryAfterSeconds,
  };
  return json(errorText(id, 429, message, data), 'limited', 429, [
    ...limitHeaders({ limit: perMinute, remaining: 0, resetSeconds: retryAfterSeconds, windowSeconds: 60 }),
    'retry-after',
    String(retryAfterSeconds),
  ]);
}

function seconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`;
}

/** The audit is required and cannot take a record: nothing was executed. */
export function unrecordable(id: RequestId): Answer {
  const message = `This server keeps a record of every tool call and cannot write it at the moment. The call was not executed. Try again in ${RECORD_RETRY} seconds; if it persists, tell its administrator.`;
  return json(errorText(id, 503, message, { retry_after_seconds: RECORD_RETRY }), 'unavailable', 503, [
    'retry-after',
    String(RECORD_RETRY),
  ]);
}

/** Streams are cheap, but not free: a client that never closes one must not pile them up. */
export function tooManyStreams(id: RequestId | null): Answer {
  const message = 'Too many event streams are open on this server. Close some, or go without: tools work all the same.';
  return json(errorText(id, 429, message), 'limited', 429, ['retry-after', '60']);
}
