import { expect, it } from 'vitest';
import type { CrispApiToken, CrispApiTokenSpec } from '../../resources/crisp-api-token.ts';
import { API_TOKEN_FINALIZER, API_TOKEN_SECRET_TYPE, TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import type { ObjectMeta } from '../../resources/object.ts';
import { hashToken } from '../../routes/token.ts';
import { decide } from '../token-owner/decide.ts';
import type { Situation } from '../token-owner/situation.ts';
import type { TokenSecretFacts } from '../token-owner/token-secret.ts';
import { API_TOKEN_KIND, type ApiTokenTypes } from './api-token-kind.ts';

/** What is an API token's own in what every token owner goes through: see `token-owner/decide.test.ts`. */
function apiToken(spec: Partial<CrispApiTokenSpec> = {}, metadata: Partial<ObjectMeta> = {}): CrispApiToken {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispApiToken',
    metadata: {
      name: 'ci',
      namespace: 'default',
      uid: 'u1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: [API_TOKEN_FINALIZER],
      ...metadata,
    },
    spec: { scopes: ['connect'], servers: ['support'], ...spec },
  };
}

const SECRET: TokenSecretFacts = {
  name: 'ci-api-token',
  uid: 's1',
  resourceVersion: '1',
  type: API_TOKEN_SECRET_TYPE,
  label: 'ci',
  deleting: false,
  immutable: false,
  token: { kind: 'valid', hash: hashToken('t'.repeat(43)) },
  derived: { endpoint: undefined, configName: undefined, expiresAt: 'never' },
};

function outcomeOf(fields: Partial<Situation<ApiTokenTypes>> = {}) {
  const { owner = apiToken() } = fields;
  const decision = decide(API_TOKEN_KIND, {
    now: Date.parse('2026-01-01T12:00:00Z'),
    owner,
    spec: API_TOKEN_KIND.read(owner),
    secret: SECRET,
    secretRival: undefined,
    tokenHolder: undefined,
    store: { failed: false, recordOutlived: false, abandonRecord: false },
    ...fields,
  });
  const message = decision.status?.conditions[0]?.message ?? '';
  return { steps: decision.steps.map((step) => step.do), reason: decision.status?.reason, message };
}

it('is issued for what its scopes and servers say', () => {
  expect(outcomeOf()).toEqual({
    steps: ['deleteRecords', 'putRecord'],
    reason: 'Issued',
    message: 'Accepted for: connect to 1 server. The token is in Secret "ci-api-token", key "token".',
  });
});

it('takes no Secret of a server for its own', () => {
  const { reason, message } = outcomeOf({ secret: { ...SECRET, type: TOKEN_SECRET_TYPE } });
  expect(reason).toBe('SecretConflict');
  expect(message).toMatch(/is not of type crispmcp\.io\/api-token.*create this API token anew with another secretName/);
});

it('does not rewrite a Secret for keys that it does not write', () => {
  const derived = { endpoint: 'https://elsewhere/mcp', configName: 'other', expiresAt: 'never' };
  expect(outcomeOf({ secret: { ...SECRET, derived } }).steps).toEqual(['deleteRecords', 'putRecord']);
});

it('speaks of tokens, not of URLs', () => {
  const failed = { failed: true, recordOutlived: false, abandonRecord: false };
  const going = apiToken({}, { deletionTimestamp: '2026-01-01T11:00:00Z' });
  const ended = apiToken({ expiresAt: '2026-01-01T11:00:00Z', expirationPolicy: 'Retain' });
  expect(outcomeOf({ owner: going, store: failed }).message).toContain(
    'this API token is deleted as soon as it is known to be dead',
  );
  expect(outcomeOf({ owner: ended }).message).toMatch(/^The token died at .* to get a new token\.$/);
  expect(outcomeOf({ tokenHolder: 'default/bot' }).message).toContain('another CrispApiToken (default/bot)');
  expect(outcomeOf({ owner: apiToken({ servers: undefined }) })).toMatchObject({
    reason: 'InvalidSpec',
    message: expect.stringContaining('the token is refused until then'),
  });
});
