import { beforeEach, describe, expect, test } from 'vitest';
import { credentialDigest } from '../../gateway/crisp-quota.ts';
import { secretType } from '../../kubernetes/core-types.ts';
import { EmbeddedObjectApi } from '../../kubernetes/embedded/embedded-object-api.ts';
import { ApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import { accountManifest, serverManifest } from '../../operator/operator-harness.ts';
import { FakeClock } from '../../process/clock.ts';
import { seededRandom } from '../../process/random.ts';
import { crispAccountType } from '../../resources/crisp-account.ts';
import { crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import type { UsageReader } from '../../routes/ledger/usage-reader.ts';
import { reportCrispRequests } from './crisp-requests.ts';
import { daysUntil, reportServers } from './server-usage.ts';
import { crispRequestsText, serversText } from './usage-text.ts';

const NOW = Date.parse('2026-03-01T10:30:00.123Z');
const DAYS = daysUntil(NOW, 3);
const KEY = 'k'.repeat(64);

let api: EmbeddedObjectApi;
beforeEach(() => {
  api = new EmbeddedObjectApi({ clock: new FakeClock(NOW), random: seededRandom(3) });
});

async function addServer(namespace: string, name: string): Promise<string> {
  const { metadata, ...rest } = serverManifest(name);
  const server = await api.create(crispMcpServerType, { ...rest, metadata: { ...metadata, namespace } });
  return server.metadata.uid ?? '';
}

/** An account with a credential of the tier `website`, or of the tiers told. */
async function addAccount(namespace: string, name: string, key = KEY, tiers = ['website'] as ('website' | 'plugin')[]) {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const credentials = tiers.map((tier) => ({ tier, secretRef: { name: `${name}-${tier}` } }));
  const { metadata, ...rest } = accountManifest(name, { credentials });
  await api.create(crispAccountType, { ...rest, metadata: { ...metadata, namespace } });
  for (const { tier, secretRef } of credentials) {
    const data = { identifier: encode('identifier'), key: encode(`${key}${tier}\n`) };
    await api.create(secretType, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, ...secretRef }, data });
  }
}

const digestOf = (key: string, tier: string) => credentialDigest({ identifier: 'identifier', key: key + tier });

function books(content: {
  lastUses?: Record<string, number>;
  calls?: Record<string, Record<string, number>>;
  amounts?: Record<string, number>;
}): Pick<UsageReader, 'usageOf' | 'amounts'> & { asked: number[]; named: string[] } {
  const [asked, named]: [number[], string[]] = [[], []];
  return {
    asked,
    named,
    usageOf: async (uids, days) => {
      asked.push(uids.length);
      return uids.map((uid) => ({
        lastUse: content.lastUses?.[uid],
        calls: days.map((day) => content.calls?.[day]?.[uid] ?? 0),
      }));
    },
    amounts: async (book) => {
      named.push(book);
      return new Map(Object.entries(content.amounts ?? {}));
    },
  };
}

describe('the use of servers', () => {
  test('is told of a namespace, with the moment of the last use and calls by day', async () => {
    const [used] = [await addServer('shop', 'a'), await addServer('shop', 'b'), await addServer('other', 'c')];
    const reader = books({
      lastUses: { [used]: NOW - 1 },
      calls: { '2026-03-01': { [used]: 2 }, '2026-02-28': { [used]: 5 }, '2026-02-27': { [used]: 1 } },
    });
    const servers = await reportServers({ api, reader, scope: { namespace: 'shop', name: undefined }, days: DAYS });
    expect(servers).toEqual([
      {
        namespace: 'shop',
        name: 'a',
        account: 'acme',
        lastUse: '2026-03-01T10:30:00.122Z',
        callsToday: 2,
        calls: 8,
        callsByDay: { '2026-03-01': 2, '2026-02-28': 5, '2026-02-27': 1 },
      },
      expect.objectContaining({ name: 'b', lastUse: null, callsToday: 0, calls: 0 }),
    ]);
    expect(serversText(servers, DAYS.length)).toBe(
      [
        'SERVER   LAST USE                   CALLS TODAY   CALLS 3 DAYS',
        'shop/a   2026-03-01T10:30:00.122Z   2             8',
        'shop/b   never                      0             0',
      ].join('\n'),
    );
  });

  test('is told of one server, and of one that is not there by a sentence', async () => {
    await addServer('shop', 'a');
    await addServer('shop', 'b');
    const options = { api, reader: books({}), days: DAYS };
    const one = await reportServers({ ...options, scope: { namespace: 'shop', name: 'b' } });
    expect(one.map(({ name }) => name)).toEqual(['b']);
    await expect(reportServers({ ...options, scope: { namespace: 'shop', name: 'z' } })).rejects.toThrow(
      'There is no CrispMcpServer "z" in namespace "shop".',
    );
  });

  test('is read in pages, of all namespaces', async () => {
    for (let index = 0; index < 501; index += 1) await addServer(index % 2 === 0 ? 'shop' : 'other', `s${index}`);
    const reader = books({});
    const servers = await reportServers({ api, reader, scope: { namespace: undefined, name: undefined }, days: DAYS });
    expect(new Set(servers.map(({ namespace, name }) => `${namespace}/${name}`)).size).toBe(501);
    expect(reader.asked).toEqual([500, 1]);
  });
});

describe('the requests to Crisp', () => {
  test('are told by credential, the busiest first, with all accounts that use it', async () => {
    await addAccount('shop', 'acme', KEY, ['website', 'plugin']);
    await addAccount('shop', 'twin');
    await addAccount('shop', 'idle', 'i');
    await addAccount('other', 'foreign', 'f');
    const reader = books({
      amounts: { [digestOf(KEY, 'plugin')]: 40, [digestOf(KEY, 'website')]: 9_001, [digestOf('f', 'website')]: 7 },
    });
    const report = await reportCrispRequests({ api, reader, now: NOW, namespace: 'shop' });
    expect(reader.named).toEqual(['crisp-requests:2026-03-01']);
    expect(report.unreadable).toBe(0);
    expect(report.credentials).toEqual([
      {
        digest: digestOf(KEY, 'website'),
        requestsToday: 9_001,
        dailyLimit: 10_000,
        accounts: [
          { namespace: 'shop', name: 'acme', tier: 'website' },
          { namespace: 'shop', name: 'twin', tier: 'website' },
        ],
      },
      expect.objectContaining({ digest: digestOf(KEY, 'plugin'), requestsToday: 40, dailyLimit: null }),
      expect.objectContaining({ requestsToday: 0, accounts: [expect.objectContaining({ name: 'idle' })] }),
    ]);
    const text = crispRequestsText(report);
    expect(text).toMatch(/^\w{24} +shop\/acme \(website\), shop\/twin \(website\) +9001 +10000$/m);
    for (const shown of [text, JSON.stringify(report)]) expect(shown).not.toMatch(/identifier|kkk/);

    const ofOne = await reportCrispRequests({ api, reader, now: NOW, namespace: 'shop', accounts: new Set(['twin']) });
    expect(ofOne.credentials.map(({ accounts }) => accounts.map(({ name }) => name))).toEqual([['twin']]);
  });

  test('of all namespaces include credentials that nobody is known to have', async () => {
    await addAccount('shop', 'acme');
    const reader = books({ amounts: { [digestOf(KEY, 'website')]: 1, 'a-former-credential': 2 } });
    const report = await reportCrispRequests({ api, reader, now: NOW, namespace: undefined });
    expect(report.credentials).toEqual([
      { digest: 'a-former-credential', requestsToday: 2, accounts: [], dailyLimit: null },
      expect.objectContaining({ requestsToday: 1 }),
    ]);
    expect(crispRequestsText(report)).toMatch(/^a-former-credential +unknown +2 +unknown$/m);
  });

  test('are told without names where Secrets may not be read; any other refusal is an error', async () => {
    await addAccount('shop', 'acme');
    const reader = books({ amounts: { [digestOf(KEY, 'website')]: 1 } });
    const refusing = (reason: 'Forbidden' | 'Unreachable'): Pick<ObjectApi, 'get' | 'list'> => ({
      list: (type, options) => api.list(type, options),
      get: async () => {
        throw new ApiError({ reason, status: 403, message: 'no' });
      },
    });
    const options = { reader, now: NOW, namespace: undefined };
    const report = await reportCrispRequests({ ...options, api: refusing('Forbidden') });
    expect(report).toMatchObject({ unreadable: 1, credentials: [{ requestsToday: 1, accounts: [] }] });
    await expect(reportCrispRequests({ ...options, api: refusing('Unreachable') })).rejects.toThrow(ApiError);
  });

  test('leave out a Secret that is missing or incomplete', async () => {
    const { metadata, ...rest } = accountManifest('bare');
    await api.create(crispAccountType, { ...rest, metadata: { ...metadata, namespace: 'shop' } });
    const report = await reportCrispRequests({ api, reader: books({}), now: NOW, namespace: 'shop' });
    expect(report).toEqual({ credentials: [], unreadable: 0 });
  });
});
