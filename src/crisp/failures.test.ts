import { describe, expect, test } from 'vitest';
import { failureOfAnswer, REASONS } from './failures.ts';

/** Every reason that Crisp documents, or that was seen from it, with the status it comes with and what has to be said. */
const DOCUMENTED: readonly (readonly [status: number, reason: string, remedy: RegExp])[] = [
  [400, 'invalid_data', /Correct the arguments/],
  [400, 'search_query_too_long', /shorten/],
  [401, 'invalid_session', /has to renew/],
  [401, 'unauthorized', /has to renew/],
  [402, 'subscription_upgrade_required', /upgrade the plan/],
  [403, 'not_allowed', /can grant more/],
  [403, 'website_member_role_not_allowed', /an owner is needed/],
  [404, 'not_found', /List first/],
  [404, 'not_subscribed', /install it/],
  [404, 'website_not_found', /does not know the website/],
  [404, 'email_not_found', /no person with this e-mail/],
  [404, 'people_not_found', /list_all_crisp_people_profiles/],
  [409, 'too_many_messages', /Start a new one/],
  [409, 'people_exists', /update that one/],
  [423, 'quota_limit_exceeded', /repeating now will not help/],
  [423, 'password_unverified', /Ask the person/],
  [403, 'website_cannot_write_to_legacy_helpdesk', /by its path/],
];

const call = {
  toolName: 'some_tool',
  effect: 'write',
  credential: { identifier: 'identifier-1', key: 'key-1' },
  now: 0,
} as const;

const answer = (status: number, body: object) => ({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) });

describe('a refusal of Crisp becomes a sentence with what helps', () => {
  test.each(DOCUMENTED)('%i %s', (status, reason, remedy) => {
    const { message, upstreamStatus } = failureOfAnswer(call, answer(status, { error: true, reason, data: {} }));
    expect(message).toMatch(remedy);
    expect(message).toContain(`HTTP ${status}, ${reason}`);
    expect(message).toContain('Nothing was changed.');
    expect(upstreamStatus).toBe(status);
  });

  test('there are sentences for exactly these', () => {
    expect(Object.keys(REASONS).sort()).toEqual(DOCUMENTED.map(([, reason]) => reason).sort());
  });

  test("another reason is passed on with its status' sentence and Crisp's words", () => {
    const body = { error: true, reason: 'campaign_not_ready', data: { message: 'configure it first' } };
    const { message } = failureOfAnswer(call, answer(409, body));
    expect(message).toContain('campaign_not_ready');
    expect(message).toContain('Crisp says: configure it first.');
    expect(message).toContain('conflicts with what is there');
  });
});

describe('a refusal that is too long to be read in full', () => {
  const LONG = 'x'.repeat(100_000);
  const refusal = (body: string) => failureOfAnswer(call, { status: 403, headers: {}, body: Buffer.from(body) });

  test('has the reason and the words that its beginning shows', () => {
    const { reason, message } = refusal(`{"error":true,"reason":"not_allowed","data":{"message":"no","given":"${LONG}`);
    expect(reason).toBe('not_allowed');
    expect(message).toContain('HTTP 403, not_allowed');
    expect(message).toContain('Crisp says: no.');
    expect(message).toContain('can grant more');
  });

  test('has no words of which only a part is there, in whose end the credential could stand in part', () => {
    const { reason, message } = refusal(`{"error":true,"reason":"not_allowed","data":{"message":"${LONG}`);
    expect(reason).toBe('not_allowed');
    expect(message).not.toContain('Crisp says');
  });

  test.each([
    ['comes after the beginning', `{"error":true,"data":{"given":"${LONG}"},"reason":"not_allowed"}`],
    ['goes on beyond the beginning', `{"error":true,${' '.repeat(65_500)}"reason":"not_allowed_${LONG}"}`],
    ['is in a page of HTML', `<html>"reason":"not_allowed"${LONG}`],
    ['is in a list', `[{"reason":"not_allowed"},"${LONG}"]`],
  ])('has no reason where that %s', (_where, body) => {
    const { reason, message } = refusal(body);
    expect(reason).toBeUndefined();
    expect(message).toContain('(HTTP 403)');
  });
});
