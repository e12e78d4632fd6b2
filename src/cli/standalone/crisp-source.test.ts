import { describe, expect, test } from 'vitest';
import { crispSource } from './crisp-source.ts';

const complete = { CRISP_WEBSITE_ID: 'w', CRISP_IDENTIFIER: 'i', CRISP_KEY: 'k' };

describe('whom standalone mode works on', () => {
  test('is the sandbox when no credentials are given', () => {
    expect(crispSource({}, true)).toEqual({ kind: 'sandbox' });
    expect(crispSource({ CRISP_KEY: '' }, true)).toEqual({ kind: 'sandbox' });
  });
  test('is the real website when they are, of the website tier unless said otherwise', () => {
    expect(crispSource(complete, true)).toMatchObject({
      kind: 'website',
      tier: 'website',
      apiUrl: 'https://api.crisp.chat',
    });
    expect(crispSource({ ...complete, CRISP_TIER: 'user' }, true)).toMatchObject({ tier: 'user' });
  });
  test('is refused without a sandbox and without credentials, saying which variables to set', () => {
    expect(() => crispSource({}, false)).toThrow(/CRISP_WEBSITE_ID, CRISP_IDENTIFIER, CRISP_KEY/);
  });
  test('is refused when credentials are given in part, naming what is missing', () => {
    expect(() => crispSource({ CRISP_KEY: 'secret-key' }, true)).toThrow(/not CRISP_WEBSITE_ID, CRISP_IDENTIFIER:/);
    expect(() => crispSource({ CRISP_KEY: 'secret-key' }, true)).not.toThrow(/secret-key/);
  });
  test('is refused with a tier that does not exist', () => {
    expect(() => crispSource({ ...complete, CRISP_TIER: 'admin' }, true)).toThrow(/website, plugin, user/);
  });
});
