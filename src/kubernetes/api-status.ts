import { ApiError, type ApiErrorReason } from './object-api.ts';
import { isRecord } from './object-guard.ts';

/**
 * Turns what the API server says of a failed call, a `Status` object or anything a proxy in front of it answers, into an
 * ApiError. Only the server's own message is taken over, cut to a bound.
 */
const LONGEST_MESSAGE = 2000;

const REASONS: Readonly<Record<number, ApiErrorReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  502: 'ServiceUnavailable',
  503: 'ServiceUnavailable',
  504: 'ServiceUnavailable',
};

export function apiErrorOf(status: number, body: unknown, retryAfter: string | undefined): ApiError {
  const answer = isRecord(body) && body.kind === 'Status' ? body : {};
  const details = isRecord(answer.details) ? answer.details : {};
  const reason =
    answer.reason === 'AlreadyExists'
      ? 'AlreadyExists'
      : (REASONS[status] ?? (status >= 400 && status < 500 ? 'BadRequest' : 'InternalError'));
  const message =
    typeof answer.message === 'string' && answer.message !== '' ? answer.message : `HTTP status ${status}`;
  return new ApiError({
    reason,
    status,
    message: message.slice(0, LONGEST_MESSAGE),
    retryAfterSeconds: seconds(retryAfter) ?? seconds(details.retryAfterSeconds),
  });
}

/** The error that a `Status` inside a watch stands for. */
export function apiErrorOfStatus(body: unknown): ApiError {
  const code = isRecord(body) && typeof body.code === 'number' ? body.code : 500;
  return apiErrorOf(code, body, undefined);
}

function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
}
