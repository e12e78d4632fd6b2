import { surroundEscaped } from '../crisp/json-bytes.ts';
import type { CallFailure, CallSuccess, UpstreamLimits } from '../crisp/outcome.ts';
import { type Answer, answerOf, json } from './answer.ts';
import { afterResult, BEFORE_RESULT, type RequestId } from './json-rpc.ts';
import { limitHeaders } from './limit-headers.ts';
import type { ServerInfo } from './manifest-cache.ts';
import { type Era, SERVER_INFO_META } from './protocol-era.ts';

/**
 * The answer to a tool call. The upstream's bytes are escaped into the text of the result and never parsed. A failure is
 * a result too (`isError`), so that the model reads it: what to do stands in the text, because most models see nothing
 * else; programs find the same in `structuredContent.error`, `_meta` and the HTTP headers.
 */
const RATE_LIMIT_META = 'crispmcp.io/ratelimit';
const QUOTA_META = 'crispmcp.io/crisp-quota';
/** Bytes from which on a result is quicker made as bytes than as a text. */
const LARGE = 4_096;

export function createResultWriter(serverInfo: ServerInfo) {
  const serverMeta = `${JSON.stringify(SERVER_INFO_META)}:${JSON.stringify(serverInfo)}`;

  /** What stands around the content of a result, as the era demands. */
  const around = (id: RequestId, era: Era, limits: UpstreamLimits | undefined, quota?: CallFailure['quota']) => {
    const meta = [
      ...(era === 'legacy' ? [] : [serverMeta]),
      ...(limits === undefined ? [] : [`${JSON.stringify(RATE_LIMIT_META)}:${JSON.stringify(limitFields(limits))}`]),
      ...(quota === undefined ? [] : [`${JSON.stringify(QUOTA_META)}:${JSON.stringify(quotaFields(quota))}`]),
    ];
    return {
      before: `${BEFORE_RESULT}{${era === 'legacy' ? '' : '"resultType":"complete",'}`,
      after: `${meta.length === 0 ? '' : `,"_meta":{${meta.join(',')}}`}}${afterResult(id)}`,
    };
  };

  return {
    success(id: RequestId, era: Era, outcome: CallSuccess): Answer {
      const { text, limits, note } = outcome;
      const { before, after } = around(id, era, limits);
      const first = note === undefined ? '' : `{"type":"text","text":${JSON.stringify(note)}},`;
      const opening = `${before}"content":[${first}{"type":"text","text":"`;
      const closing = `"}]${after}`;
      const bytes = text.length < LARGE ? undefined : surroundEscaped(opening, text, closing);
      const headers = headersFor(limits, undefined);
      return bytes === undefined
        ? json(`${opening}${JSON.stringify(text.toString('utf8')).slice(1, -1)}${closing}`, 'ok', 200, headers)
        : answerOf({ kind: 'json-bytes', bytes }, 'ok', 200, headers);
    },
    failure(id: RequestId, era: Era, outcome: CallFailure): Answer {
      const { message, code, upstreamStatus, reason, retryAfterSeconds, limits, quota } = outcome;
      const error = {
        type: code,
        ...(upstreamStatus === undefined ? {} : { status: upstreamStatus }),
        ...(reason === undefined ? {} : { reason }),
        ...(retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds }),
        ...(limits?.limit === undefined ? {} : { limit: limits.limit }),
        ...(limits?.remaining === undefined ? {} : { remaining: limits.remaining }),
        ...(limits?.resetSeconds === undefined ? {} : { reset_seconds: limits.resetSeconds }),
        ...(quota === undefined ? {} : quotaFields(quota)),
      };
      const content = `"content":[{"type":"text","text":${JSON.stringify(message)}}],"isError":true,"structuredContent":${JSON.stringify({ error })}`;
      const said = limits ?? (code === 'rate_limited' ? estimated(retryAfterSeconds) : undefined);
      const { before, after } = around(id, era, said, quota);
      return json(`${before}${content}${after}`, 'tool-error', 200, headersFor(said, retryAfterSeconds));
    },
  };
}

export type ResultWriter = ReturnType<typeof createResultWriter>;

/** What is certain of a limit that the upstream did not describe: nothing is left, for that long. */
function estimated(retryAfterSeconds: number | undefined): UpstreamLimits {
  return retryAfterSeconds === undefined ? { remaining: 0 } : { remaining: 0, resetSeconds: retryAfterSeconds };
}

function quotaFields({ requestsToday, dailyLimit }: NonNullable<CallFailure['quota']>): Record<string, number> {
  return { requests_today: requestsToday, ...(dailyLimit === undefined ? {} : { daily_limit: dailyLimit }) };
}

function limitFields({ limit, remaining, resetSeconds }: UpstreamLimits): Record<string, number | undefined> {
  return { limit, remaining, reset: resetSeconds };
}

function headersFor(
  limits: UpstreamLimits | undefined,
  retryAfterSeconds: number | undefined,
): readonly string[] | undefined {
  if (limits === undefined && retryAfterSeconds === undefined) return undefined;
  const retry = retryAfterSeconds === undefined ? [] : ['retry-after', String(Math.ceil(retryAfterSeconds))];
  return [...(limits === undefined ? [] : limitHeaders(limits)), ...retry];
}
