import type { IncomingHttpHeaders } from 'node:http';
import type { Effect, Tier, Tool } from '../catalog/tool.ts';
import { closeJson } from './close-json.ts';
import type { ExchangeResult } from './exchange.ts';
import { readLimits, readRetryAfter } from './limits.ts';
import type { CallFailure, CrispCredential, FailureCode } from './outcome.ts';

/**
 * What failed, as sentences for a model: what happened, whether anything was executed, what would help. Crisp's own words
 * are added where it gives some; the credential is struck out of them should they repeat it.
 */
export interface FailedCall {
  readonly toolName: string;
  readonly effect: Effect;
  readonly credential: CrispCredential;
  readonly now: number;
}

/** Seconds to wait when Crisp limits the rate without saying for how long. */
const ESTIMATED_DELAY_SECONDS = 60;

const LONGEST_QUOTE = 500;
/** Of the body of an error. */
const MOST_READ_BYTES = 65_536;

/** Crisp's reasons, with what helps. Those that are not here are passed on with the status' sentence. */
export const REASONS: Readonly<Record<string, string>> = {
  invalid_data: 'Correct the arguments that it names.',
  not_subscribed:
    'The Crisp plugin of this credential is not installed on the website. An owner has to install it in the Crisp Marketplace.',
  subscription_upgrade_required:
    "The website's Crisp plan does not include this feature. Do without it (for example without search filters), or an owner has to upgrade the plan.",
  quota_limit_exceeded:
    'A quota of the Crisp plan or plugin is used up. It has to be raised, or free up later; repeating now will not help.',
  not_allowed:
    'The credential of this server may not do this: its scopes, tier or role do not include it. Whoever runs the server can grant more in Crisp.',
  website_member_role_not_allowed: 'The role of the operator behind the credential is too low; an owner is needed.',
  website_not_found: 'Crisp does not know the website of this server, or the credential may not see it.',
  people_not_found: 'There is no such person. list_all_crisp_people_profiles finds people by text.',
  email_not_found: 'There is no person with this e-mail address.',
  people_exists: 'A profile with this e-mail address exists already; update that one, with the e-mail as people_id.',
  too_many_messages: 'The conversation holds as many messages as Crisp allows (10,000). Start a new one.',
  search_query_too_long: 'The search is too long; shorten it.',
  password_unverified:
    'The secret in verify was not accepted. Ask the person who gave it; a one-time token may have run out.',
  website_cannot_write_to_legacy_helpdesk:
    'Crisp no longer accepts changes through its old helpdesk API (since 2026-09-22). The helpdesk tools of this server use the new one, which names an article by its path.',
  not_found: 'There is nothing with this id (or path) on this website. List first to get one that exists.',
  invalid_session: 'Crisp did not accept the credential of this server. Whoever runs it has to renew it.',
  unauthorized: 'Crisp did not accept the credential of this server. Whoever runs it has to renew it.',
};

export function failureOfExchange(call: FailedCall, failed: Extract<ExchangeResult, { kind: 'failed' }>): CallFailure {
  switch (failed.cause) {
    case 'cancelled':
      return failure('cancelled', `The call was cancelled. ${consequence(call, failed.sent)}`);
    case 'timed out':
      return failure('timed_out', `Crisp did not answer in time. ${consequence(call, failed.sent)}`);
    case 'unreachable':
    case 'broken off':
      return failure(
        'upstream_unreachable',
        `${failed.cause === 'unreachable' ? 'Crisp cannot be reached' : 'The connection to Crisp broke off'} (${failed.errorCode ?? 'unknown'}). ${consequence(call, failed.sent)}`,
      );
  }
}

export function failureOfAnswer(
  call: FailedCall,
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer },
): CallFailure {
  const { status, headers } = answer;
  const { reason, words } = readError(answer.body, call.credential);
  const limits = readLimits(headers, call.now);
  const common = {
    upstreamStatus: status,
    ...(reason === undefined ? {} : { reason }),
    ...(limits === undefined ? {} : { limits }),
  };
  if (status === 429 || status === 420 || (status === 422 && reason === undefined)) {
    const stated = readRetryAfter(headers, limits, call.now);
    const seconds = stated ?? ESTIMATED_DELAY_SECONDS;
    const wait =
      stated === undefined ? `about ${seconds} seconds (an estimate: Crisp did not say)` : `${seconds} seconds`;
    return {
      ...common,
      kind: 'failure',
      code: 'rate_limited',
      message: `Crisp rate limit reached (HTTP ${status}) on ${call.toolName}. Not executed. Wait ${wait}, then make this call once more; other Crisp calls will fail until then too.`,
      retryAfterSeconds: seconds,
    };
  }
  return { ...common, kind: 'failure', code: codeOf(status), message: sentence(call, status, reason, words) };
}

export function failure(code: FailureCode, message: string): CallFailure {
  return { kind: 'failure', code, message };
}

/** No credential of the account may do what the tool does; `held` are the tiers it has. */
export function tierMissing(tool: Pick<Tool, 'name' | 'tiers'>, held: readonly Tier[]): CallFailure {
  return failure(
    'tier_missing',
    `${tool.name} needs a Crisp credential of the tier ${tool.tiers.join(' or ')}; this server's account has ${held.length === 0 ? 'none' : held.join(', ')}. Nothing was sent. Whoever runs the server can add one to its CrispAccount.`,
  );
}

/** What is known of the execution of a call that brought no usable answer. */
export function consequence(call: Pick<FailedCall, 'effect'>, sent: boolean): string {
  if (call.effect === 'read') return 'Nothing was changed; try again in a moment.';
  return sent
    ? 'The change may have been executed: check before repeating it.'
    : 'Nothing was executed; try again in a moment.';
}

function codeOf(status: number): FailureCode {
  if (status >= 500) return 'upstream_error';
  if (status === 404) return 'not_found';
  if (status >= 400) return 'refused';
  return 'upstream_error';
}

function sentence(call: FailedCall, status: number, reason: string | undefined, words: string | undefined): string {
  const label = `HTTP ${status}${reason === undefined ? '' : `, ${reason}`}`;
  if (status < 400) return `Crisp answered with a redirect (${label}), which is not followed.`;
  if (status >= 500) {
    return `Crisp failed (${label}${reason === undefined ? ', not a JSON answer' : ''}). ${consequence(call, true)}`;
  }
  const quoted = words === undefined ? '' : ` Crisp says: ${words}.`;
  const known = reason === undefined ? undefined : REASONS[reason];
  return `Crisp refused ${call.toolName} (${label}).${quoted} ${known ?? byStatus(status)} Nothing was changed.`;
}

function byStatus(status: number): string {
  switch (status) {
    case 400:
      return 'Correct the arguments.';
    case 401:
      return 'Crisp did not accept the credential of this server. Whoever runs it has to renew it.';
    case 402:
      return "The website's Crisp plan does not include this.";
    case 403:
      return 'The credential of this server may not do this.';
    case 404:
      return 'There is nothing with this id (or path) on this website. List first to get one that exists.';
    case 409:
      return 'It conflicts with what is there already.';
    case 423:
      return 'It is locked, or a quota is used up.';
    default:
      return 'The call as it is will not be accepted.';
  }
}

/**
 * Reason and words of Crisp's error envelope, as far as its beginning has them whole: in part a reason is another, and
 * the end of words might be half of a credential. Nothing of anything else, such as a page of HTML.
 */
function readError(body: Buffer, credential: CrispCredential): { reason?: string; words?: string } {
  const { envelope, cut } = parseBeginning(body.subarray(0, MOST_READ_BYTES));
  if (!isObject(envelope)) return {};
  const reason = cut === 'reason' ? undefined : envelope.reason;
  const words = cut !== 'data.message' && isObject(envelope.data) ? envelope.data.message : undefined;
  return {
    ...(typeof reason === 'string' && /^[a-z0-9_]{1,80}$/.test(reason) ? { reason } : {}),
    ...(typeof words === 'string' && words !== '' ? { words: quote(words, credential) } : {}),
  };
}

function quote(words: string, credential: CrispCredential): string {
  const { identifier, key } = credential;
  const basic = Buffer.from(`${identifier}:${key}`).toString('base64');
  const secrets = [basic, key, encodeURIComponent(key), identifier, Buffer.from(key).toString('base64')];
  const struck = secrets
    .filter((secret) => secret.length >= 4)
    .reduce((text, secret) => text.replaceAll(secret, '[redacted]'), words);
  return struck.slice(0, LONGEST_QUOTE).replace(/\.$/, '');
}

/** `cut` is the place that goes on beyond the beginning, such as `data.message`. */
function parseBeginning(beginning: Buffer): { envelope?: unknown; cut?: string } {
  const closed = closeJson(beginning);
  if (closed === undefined) return {};
  const [, ...within] = closed.open.map(({ name }) => name);
  try {
    return { envelope: JSON.parse(closed.text.toString('utf8')), cut: within.join('.') };
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
