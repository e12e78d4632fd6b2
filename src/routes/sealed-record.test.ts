import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../process/random.ts';
import { TIERS } from '../resources/crisp-account.ts';
import { TamperedRecordError } from './errors.ts';
import { createKeyring, type Keyring, newKeyringEntry } from './keyring.ts';
import type { AccountRecord, RouteRecord } from './records.ts';
import { accountRevision, openAccount, openRoute, routeRevision, sealAccount, sealRoute } from './sealed-record.ts';
import { accountKey, routeKey } from './store-keys.ts';
import { hashToken } from './token.ts';

const keyring = createKeyring({ current: newKeyringEntry(systemRandom) });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const names = fc.array(text, { maxLength: 5 });

const rateLimit = fc.record({ perMinute: fc.integer({ min: 1, max: 1e6 }), burst: fc.integer({ min: 1, max: 1e6 }) });
const limited = fc.record({ rateLimit }, { requiredKeys: [] });

const routeFields = fc.record({
  uid: fc.uuid(),
  namespace: text,
  name: text,
  displayName: text,
  exp: fc.option(fc.integer({ min: 0, max: 8.64e15 })),
  filter: fc.record(
    { methods: names, tags: names, only: names, except: names, sensitive: names },
    { requiredKeys: [] },
  ),
  accountUid: fc.option(fc.uuid()),
  auth: fc.constant('path' as const),
  state: fc.constantFrom('live' as const, 'unavailable' as const),
});
const routes: fc.Arbitrary<RouteRecord> = fc
  .tuple(routeFields, limited)
  .map(([route, limit]) => ({ ...route, ...limit }));
const accountFields = fc.record({
  uid: fc.uuid(),
  namespace: text,
  name: text,
  websiteId: fc.uuid(),
  apiUrl: fc.webUrl(),
  credentials: fc.uniqueArray(fc.record({ tier: fc.constantFrom(...TIERS), identifier: text, key: text }), {
    maxLength: 3,
    selector: ({ tier }) => tier,
  }),
});
const accounts: fc.Arbitrary<AccountRecord> = fc
  .tuple(accountFields, limited)
  .map(([account, limit]) => ({ ...account, ...limit }));

const KEY = routeKey(hashToken('a'));

describe('A sealed record', () => {
  test('gives back any route, with the revision that was computed for it', () => {
    fc.assert(
      fc.property(routes, (route) => {
        const opened = openRoute(keyring, KEY, sealRoute(keyring, KEY, route));
        expect(opened.record).toEqual(route);
        expect(opened.revision).toBe(routeRevision(keyring, KEY, route));
      }),
    );
  });

  test('gives back any account, with its revision, and shows nothing of its credentials', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const key = accountKey(account.uid);
        const sealed = sealAccount(keyring, systemRandom, key, account);
        expect(openAccount(keyring, key, sealed)).toEqual({
          record: account,
          revision: accountRevision(keyring, account),
        });
      }),
    );
    const [account] = fc.sample(accounts, 1);
    if (account === undefined) throw new Error('a sample');
    const secret = { tier: 'plugin' as const, identifier: 'the-identifier', key: 'the-secret-key' };
    const sealed = sealAccount(keyring, systemRandom, 'x', { ...account, credentials: [secret] });
    expect(sealed).not.toMatch(/the-identifier|the-secret-key/);
  });

  test('is refused when any one character of it is another, missing or doubled', () => {
    const [route] = fc.sample(routes, 1);
    if (route === undefined) throw new Error('a sample');
    const sealed = sealRoute(keyring, KEY, route);
    const characters = fc.constantFrom(...'"{}[],:aZ09 -_\\\n');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), characters, fc.constantFrom(0, 1, 2), (at, character, kind) => {
        const replaced = sealed.slice(0, at) + character + sealed.slice(at + 1);
        const changed = [
          replaced,
          sealed.slice(0, at) + sealed.slice(at + 1),
          sealed.slice(0, at) + character + sealed.slice(at),
        ][kind];
        if (changed === undefined || changed === sealed) return;
        expect(() => openRoute(keyring, KEY, changed)).toThrow(TamperedRecordError);
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, Partial<AccountRecord>]>([
    ['account', { uid: 'another' }],
    ['website', { websiteId: 'another' }],
    ['API origin', { apiUrl: 'https://another.example' }],
    ['tier', { credentials: [{ tier: 'user', identifier: 'i', key: 'k' }] }],
  ])('binds a credential to its %s by the seal itself, not by the signature alone', (_what, change) => {
    const [sample] = fc.sample(accounts, 1);
    if (sample === undefined) throw new Error('a sample');
    const account: AccountRecord = { ...sample, credentials: [{ tier: 'plugin', identifier: 'i', key: 'k' }] };
    const [from, to] = [account, { ...account, ...change }].map((one) => sealAccount(keyring, systemRandom, 'x', one));
    const cipher = (sealed: string | undefined) => /"iv":"[^"]*","ct":"[^"]*"/.exec(sealed ?? '')?.[0] ?? '';
    const moved = (to ?? '').replace(cipher(to), cipher(from)).replace(/,"mac":"[^"]*"\}$/, '');
    const mac = createHmac('sha256', keyring.current.mac).update(`x\n${moved}`).digest('base64url');
    expect(() => openAccount(keyring, 'x', `${moved},"mac":"${mac}"}`)).toThrow(/its .* credential cannot be opened/);
  });

  test('is sealed anew each time, so that equal credentials do not look equal', () => {
    const [account] = fc.sample(accounts, 1);
    if (account === undefined) throw new Error('a sample');
    const full = { ...account, credentials: [{ tier: 'user' as const, identifier: 'i', key: 'k' }] };
    const seal = () => sealAccount(keyring, systemRandom, 'x', full);
    expect(seal()).not.toBe(seal());
  });

  test('of an unknown key is opened once the keyring has learnt it', () => {
    const writer = createKeyring({ current: newKeyringEntry(systemRandom) });
    let refreshes = 0;
    let current = keyring.current;
    const reader: Keyring = {
      get current() {
        return current;
      },
      previous: undefined,
      refresh: () => {
        refreshes += 1;
        current = writer.current;
      },
    };
    const [route] = fc.sample(routes, 1);
    if (route === undefined) throw new Error('a sample');
    expect(openRoute(reader, KEY, sealRoute(writer, KEY, route)).record).toEqual(route);
    expect(refreshes).toBe(1);
  });

  test('is named in errors by the fingerprint, never by the hash or its content', () => {
    let message = '';
    try {
      openRoute(keyring, KEY, '{"secret":1}');
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(hashToken('a').slice(0, 12));
    expect(message).not.toContain(hashToken('a').slice(0, 13));
    expect(message).not.toContain('secret');
  });
});
