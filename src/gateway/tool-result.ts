import type { CallFailure, CallSuccess, UpstreamLimits } from '../crisp/outcome.ts';
import { type Answer, json } from './answer.ts';
import { type RequestId, resultText } from './json-rpc.ts';
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

export function createResultWriter(serverInfo: ServerInfo) {
  const serverMeta = `${JSON.stringify(SERVER_INFO_META)}:${JSON.stringify(serverInfo)}`;

  /** `content` and what follows it, closed as the era demands. */
  const close = (
    id: RequestId,
    era: Era,
    content: string,
    limits: UpstreamLimits | undefined,
    quota?: CallFailure['quota'],
  ): string => {
    const rate = [
      ...(limits === undefined ? [] : [`${JSON.stringify(RATE_LIMIT_META)}:${JSON.stringify(limitFields(limits))}`]),
      ...(quota === undefined ? [] : [`${JSON.stringify(QUOTA_META)}:${JSON.stringify(quotaFields(quota))}`]),
    ].join(',');
    if (era === 'legacy') return resultText(id, rate === '' ? `{${content}}` : `{${content},"_meta":{${rate}}}`);
    const meta = rate === '' ? serverMeta : `${serverMeta},${rate}`;
    return resultText(id, `{"resultType":"complete",${content},"_meta":{${meta}}}`);
  };

  return {
    success(id: RequestId, era: Era, outcome: CallSuccess): Answer {
      const data = `{"type":"text","text":${JSON.stringify(outcome.text.toString('utf8'))}}`;
      const note = outcome.note === undefined ? '' : `{"type":"text","text":${JSON.stringify(outcome.note)}},`;
      const body = close(id, era, `"content":[${note}${data}]`, outcome.limits);
      return json(body, 'ok', 200, headersFor(outcome.limits, undefined));
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
      return json(close(id, era, content, said, quota), 'tool-error', 200, headersFor(said, retryAfterSeconds));
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
