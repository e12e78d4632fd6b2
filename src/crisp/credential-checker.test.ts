import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCredentialChecker } from './credential-checker.ts';
import { json, type ScriptedCrisp, startScriptedCrisp } from './scripted-crisp.ts';

const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
const credential = { identifier: 'identifier-1', key: 'key-94d1e7' };

let crisp: ScriptedCrisp;
let checker: ReturnType<typeof createCredentialChecker>;

beforeEach(async () => {
  crisp = await startScriptedCrisp();
  checker = createCredentialChecker({ allowedOrigins: [crisp.origin], timeoutMs: 200 });
});
afterEach(async () => {
  await checker.close();
  await crisp.close();
});

const check = (apiUrl = crisp.origin) => checker.check({ websiteId: WEBSITE, apiUrl, tier: 'plugin', credential });

describe('a credential', () => {
  test.each([
    [200, 'resolved', 'accepted', ''],
    [401, 'invalid_session', 'refused', 'check identifier, key and tier'],
    [403, 'not_allowed', 'refused', 'check its tier and scopes'],
    [404, 'not_subscribed', 'refused', 'install it in the Crisp Marketplace'],
    [404, 'website_not_found', 'refused', 'check websiteId'],
    [423, 'quota_limit_exceeded', 'accepted', 'limits it at present'],
    [429, 'rate', 'unknown', 'HTTP 429'],
    [420, 'rate', 'unknown', 'HTTP 420'],
    [500, 'oops', 'unknown', 'HTTP 500'],
  ])('answered with %s %s is %s', async (status, reason, kind, words) => {
    crisp.answer = (_request, response) => json(response, status, { error: status >= 400, reason, data: {} });
    const verdict = await check();
    expect(verdict.kind).toBe(kind);
    expect(verdict.message ?? '').toContain(words);
    expect(JSON.stringify(verdict)).not.toContain(credential.key);
    expect(crisp.requests).toMatchObject([
      { method: 'GET', url: `/v1/website/${WEBSITE}`, headers: { 'x-crisp-tier': 'plugin' } },
    ]);
  });

  test('is judged by the status, however large the answer is', async () => {
    crisp.answer = (_request, response) => json(response, 200, { data: 'x'.repeat(1024 * 1024) });
    expect((await check()).kind).toBe('accepted');
  });

  test('is asked for again when Crisp says when', async () => {
    crisp.answer = (_request, response) => json(response, 429, {}, { 'retry-after': '30' });
    expect(await check()).toMatchObject({ kind: 'unknown', retryAfterSeconds: 30 });
  });

  test.each([
    [
      'a page that is not Crisp’s',
      () => {
        crisp.answer = (_request, response) => json(response, 404, '<html>');
      },
    ],
    [
      'no answer in time',
      () => {
        crisp.answer = () => undefined;
      },
    ],
    [
      'a hang-up',
      () => {
        crisp.answer = (_request, response) => response.destroy();
      },
    ],
  ])('is not settled by %s', async (_name, script) => {
    script();
    expect((await check()).kind).toBe('unknown');
  });

  test('is never sent to an origin that is not allowed', async () => {
    const verdict = await check('http://127.0.0.1:9');
    expect(verdict).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('http://127.0.0.1:9 is not among'),
    });
  });
});
