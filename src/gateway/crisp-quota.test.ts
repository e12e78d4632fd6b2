import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../crisp/outcome.ts';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { seededRandom } from '../process/random.ts';
import { EXCHANGE_INTERVAL, GatewayLedger } from '../routes/ledger/gateway-ledger.ts';
import { MemoryLedgerStore } from '../routes/ledger/memory-ledger-store.ts';
import { CrispQuota, credentialDigest, quotaBookName } from './crisp-quota.ts';
import { rpc, startFixture } from './gateway-fixture.ts';

const CREDENTIAL = { identifier: 'identifier', key: 'crisp-key-secret' };
const LIMITED = {
  kind: 'failure',
  code: 'rate_limited',
  message: 'Not executed. Wait 60 seconds.',
  upstreamStatus: 429,
} as const;

function setUp() {
  const clock = new FakeClock('2026-01-01T23:59:00Z');
  const store = new MemoryLedgerStore(clock);
  const open = () => {
    const ledger = new GatewayLedger({ store, clock, random: seededRandom(1), logger: silentLogger });
    return new CrispQuota({ ledger, clock });
  };
  return { clock, store, open };
}

const access = (tier: 'website' | 'plugin') => ({
  websiteId: 'w',
  apiUrl: 'https://api.crisp.chat',
  credentials: new Map([[tier, CREDENTIAL]]),
});

describe('the daily quota of a Crisp credential', () => {
  test('is counted over all gateways, under a digest, and anew each day', async () => {
    const { clock, store, open } = setUp();
    const [one, other] = [open(), open()];
    one.count(CREDENTIAL, 'website');
    other.count({ ...CREDENTIAL }, 'website');
    other.count({ ...CREDENTIAL, key: 'another' }, 'website');
    await clock.advanceAsync(2 * EXCHANGE_INTERVAL);
    one.count(CREDENTIAL, 'website');
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect(one.used(CREDENTIAL)).toBe(3);
    expect(one.highest()).toEqual(new Map([['website', 3]]));
    const book = store.read('crisp-requests:2026-01-01');
    expect(book.get(credentialDigest(CREDENTIAL))).toBe(3);
    expect(JSON.stringify([...book])).not.toMatch(/identifier|secret|another/);
    clock.advance(60_000);
    expect([one.used(CREDENTIAL), one.highest().size]).toEqual([0, 0]);
    expect(quotaBookName(clock.now())).toBe('crisp-requests:2026-01-02');
  });

  test('is told beside a rate limit of Crisp, and whether it may be the reason', () => {
    const { open } = setUp();
    const quota = open();
    for (let count = 0; count < 9_999; count++) quota.count(CREDENTIAL, 'website');
    const tool = { tiers: ['website', 'plugin'] as const };
    const before = quota.explain(LIMITED, tool, access('website'));
    expect(before.message).toMatch(/at least 9999 requests today .* of the 10000 that Crisp allows a day\.$/);
    expect(before.quota).toEqual({ requestsToday: 9_999, dailyLimit: 10_000 });
    quota.count(CREDENTIAL, 'website');
    expect(quota.explain(LIMITED, tool, access('website')).message).toMatch(
      /seems to be used up.*00:00 UTC \(an estimate\)/,
    );
    expect(quota.explain(LIMITED, tool, access('plugin')).quota).toEqual({ requestsToday: 10_000 });
  });

  test('reaches model, program and metrics through the gateway', async () => {
    const answer = (): CallOutcome => LIMITED;
    await using fixture = await startFixture({ answer, clock: new FakeClock() });
    const { result } = (await fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }))).json;
    expect(result.content[0].text).toContain('has made at least 1 request today');
    expect(result.structuredContent.error.requests_today).toBe(1);
    expect(result._meta['crispmcp.io/crisp-quota']).toEqual({ requests_today: 1 });
    expect(await fixture.metricsText()).toContain(
      'crisp_mcp_gateway_crisp_requests_today{tier="plugin",process="gateway"} 1',
    );
  });
});
