import { expect, test } from 'vitest';
import { apiErrorOf } from './api-status.ts';

const status = (code: number, reason: string, more: object = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message: 'what the server says',
  ...more,
});

test.each([
  [400, 'BadRequest', 'BadRequest', 'KUBERNETES_BADREQUEST'],
  [401, 'Unauthorized', 'Unauthorized', 'KUBERNETES_UNAUTHORIZED'],
  [403, 'Forbidden', 'Forbidden', 'KUBERNETES_FORBIDDEN'],
  [404, 'NotFound', 'NotFound', 'KUBERNETES_NOTFOUND'],
  [409, 'AlreadyExists', 'AlreadyExists', 'KUBERNETES_ALREADYEXISTS'],
  [409, 'Conflict', 'Conflict', 'KUBERNETES_CONFLICT'],
  [410, 'Expired', 'Expired', 'KUBERNETES_EXPIRED'],
  [410, 'Gone', 'Expired', 'KUBERNETES_EXPIRED'],
  [415, 'UnsupportedMediaType', 'BadRequest', 'KUBERNETES_BADREQUEST'],
  [422, 'Invalid', 'Invalid', 'KUBERNETES_INVALID'],
  [429, 'TooManyRequests', 'TooManyRequests', 'KUBERNETES_TOOMANYREQUESTS'],
  [500, 'InternalError', 'InternalError', 'KUBERNETES_INTERNALERROR'],
  [503, 'ServiceUnavailable', 'ServiceUnavailable', 'KUBERNETES_SERVICEUNAVAILABLE'],
  [504, 'Timeout', 'ServiceUnavailable', 'KUBERNETES_SERVICEUNAVAILABLE'],
])('%i %s becomes %s', (code, reason, expected, errorCode) => {
  const error = apiErrorOf(code, status(code, reason), undefined);
  expect(error).toMatchObject({ reason: expected, status: code, message: 'what the server says', code: errorCode });
});

test('an answer that is no Status, as a proxy gives, is named by its code alone', () => {
  expect(apiErrorOf(502, '<html>secret</html>', undefined).message).toBe('HTTP status 502');
  expect(apiErrorOf(502, { message: 'secret' }, undefined).message).toBe('HTTP status 502');
});

test('the wait comes from the header, else from the Status', () => {
  const body = status(429, 'TooManyRequests', { details: { retryAfterSeconds: 7 } });
  expect(apiErrorOf(429, body, '3').retryAfterSeconds).toBe(3);
  expect(apiErrorOf(429, body, undefined).retryAfterSeconds).toBe(7);
  expect(apiErrorOf(429, body, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfterSeconds).toBe(7);
  expect(apiErrorOf(429, undefined, undefined).retryAfterSeconds).toBeUndefined();
});

test('a long message is cut', () => {
  expect(apiErrorOf(422, status(422, 'Invalid', { message: 'x'.repeat(9999) }), undefined).message).toHaveLength(2000);
});
