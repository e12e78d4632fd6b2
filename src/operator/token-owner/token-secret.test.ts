import { describe, expect, it } from 'vitest';
import type { Secret } from '../../kubernetes/core-types.ts';
import { SERVER_LABEL, TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { hashToken } from '../../routes/token.ts';
import { endpointOf, isOwnSecret, newTokenSecret, ownerLabelValue, readTokenSecret } from './token-secret.ts';

const TOKEN = 'A'.repeat(43);
const connection = { endpoint: 'https://mcp.example.com/mcp', configName: 'support', asksApiToken: false };
const kind = { type: TOKEN_SECRET_TYPE, label: SERVER_LABEL };
const fresh = () =>
  newTokenSecret(kind, {
    namespace: 'default',
    name: 'support-mcp',
    ownerName: 'support',
    token: TOKEN,
    content: { connection, expiresAt: 'never' },
  });
const withData = (data: Record<string, string>): Secret => ({ ...fresh(), data: { ...fresh().data, ...data } });
const encode = (text: string) => Buffer.from(text).toString('base64');

describe('a token Secret', () => {
  it('reads back as it was made, without the token in what is remembered', () => {
    const facts = readTokenSecret(fresh());
    expect(facts).toMatchObject({
      type: 'crispmcp.io/token',
      label: 'support',
      token: { kind: 'valid', hash: hashToken(TOKEN) },
      derived: { endpoint: connection.endpoint, configName: 'support', expiresAt: 'never' },
    });
    expect(JSON.stringify(facts)).not.toContain(TOKEN);
  });

  it.each([
    ['url of another token', { url: encode(`https://mcp.example.com/mcp/${'B'.repeat(43)}`) }, { endpoint: undefined }],
    ['mcp.json edited', { 'mcp.json': encode('{}') }, { configName: undefined }],
    ['another end', { expiresAt: encode('2027-01-01T00:00:00Z') }, { expiresAt: '2027-01-01T00:00:00Z' }],
  ])('with an %s shows that it must be made anew', (_what, data, derived) => {
    expect(readTokenSecret(withData(data)).derived).toMatchObject(derived);
  });

  it.each([
    ['too short', 'A'.repeat(42)],
    ['too long', 'A'.repeat(129)],
    ['of other characters', `${'A'.repeat(42)}/`],
    ['with a line end', `${TOKEN}\n`],
  ])('with a token %s is malformed', (_what, token) => {
    expect(readTokenSecret(withData({ token: encode(token) })).token.kind).toBe('malformed');
  });

  it('belongs to the server of its label, or to nobody yet', () => {
    const support = { metadata: { name: 'support' } };
    const facts = readTokenSecret(fresh());
    expect(isOwnSecret(kind, support, facts)).toBe(true);
    expect(isOwnSecret(kind, support, { ...facts, label: undefined })).toBe(true);
    expect(isOwnSecret(kind, support, { ...facts, label: 'other' })).toBe(false);
    expect(isOwnSecret(kind, support, { ...facts, type: 'Opaque' })).toBe(false);
  });
});

describe('the label of a server', () => {
  it('is a valid label value for the longest name, and differs for names that begin alike', () => {
    const long = (end: string) => `${'a-'.repeat(100)}${end}`;
    const values = [ownerLabelValue(long('x')), ownerLabelValue(long('y'))];
    for (const value of values) expect(value).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
    expect(new Set(values).size).toBe(2);
    expect(ownerLabelValue('support')).toBe('support');
  });
});

it('puts the endpoint under a base path without doubling slashes', () => {
  expect(endpointOf('https://example.com/base/')).toBe('https://example.com/base/mcp');
});
