import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../kubernetes/object-api.ts';
import { createLogger } from '../process/logger.ts';
import { createMetrics } from '../process/metrics.ts';
import { crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { StoreUnavailableError } from '../routes/errors.ts';
import { FIRST_PAGE, type LastUseBook } from '../routes/ledger/last-use-book.ts';
import { Harness, type HarnessOptions, NAMESPACE } from './operator-harness.ts';
import { OperatorMetrics } from './operator-metrics.ts';

const DOCS = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');
const FIRST_ROUND = 10_000;
const ROUND = 60_000;
const HOUR = 3_600_000;
/** What the harness lets pass after the beginning of a leadership. */
const SETTLING = 100;
const STATUS_WRITE = /^API patch CrispMcpServer \S+ status$/;

/** A book in memory, of pages of three. */
class Book implements LastUseBook {
  readonly entries = new Map<string, number>();
  reads = 0;
  failing = false;
  #shown: [string, number][] = [];

  async page(cursor: string) {
    this.reads += 1;
    if (this.failing) throw new StoreUnavailableError('read last uses', 'away');
    if (cursor === FIRST_PAGE) this.#shown = [...this.entries];
    const from = Number(cursor);
    const next = from + 3 < this.#shown.length ? String(from + 3) : FIRST_PAGE;
    return { next, lastUses: new Map(this.#shown.slice(from, from + 3)) };
  }

  async forget(uids: readonly string[]) {
    for (const uid of uids) this.entries.delete(uid);
  }

  close() {}
}

async function serving(names: readonly string[], options: HarnessOptions = {}) {
  const h = new Harness();
  const book = new Book();
  const metrics = createMetrics({ process: 'test', runtime: false });
  await h.credentials();
  await h.account();
  for (const name of names) await h.server(name);
  await h.start({ lastUses: book, metrics, ...options });
  h.writes = [];
  const uidOf = async (name: string) => (await h.getServer(name))?.metadata.uid ?? '';
  const count = async (metric: string, labels: Record<string, string> = {}) => {
    const values = (await metrics.getSingleMetric(metric)?.get())?.values ?? [];
    return values.find((value) => Object.entries(labels).every(([name, wanted]) => value.labels[name] === wanted))
      ?.value;
  };
  return {
    h,
    book,
    count,
    uidOf,
    used: async (name: string, time = h.clock.now()) => void book.entries.set(await uidOf(name), time),
    lastUsedTime: async (name: string) => (await h.getServer(name))?.status?.lastUsedTime,
  };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

describe('the operator copies last uses into statuses', () => {
  test('by the hour: one write for all uses of an hour, and no write for what has not changed', async () => {
    const { h, used, lastUsedTime } = await serving(['support', 'idle']);
    await used('support');
    await h.advance(FIRST_ROUND);
    expect(await lastUsedTime('support')).toBe('2026-01-01T00:00:00Z');
    expect(await lastUsedTime('idle')).toBeUndefined();
    await h.advance(ROUND);
    await used('support');
    await h.advance(ROUND);
    expect(h.writes).toEqual([`API patch CrispMcpServer ${NAMESPACE}/support status`]);
    await h.advance(HOUR);
    await used('support');
    await h.advance(ROUND);
    expect(await lastUsedTime('support')).toBe('2026-01-01T01:00:00Z');
    expect(h.writes).toHaveLength(2);
  });

  test('in a field of its own, which no other status write touches or takes away', async () => {
    const { h, used, lastUsedTime } = await serving(['support']);
    await used('support');
    await h.advance(FIRST_ROUND);
    await h.patchServer('support', { spec: { suspend: true } });
    const server = await h.getServer('support');
    expect(server?.status).toMatchObject({ reason: 'SuspendRequested', lastUsedTime: '2026-01-01T00:00:00Z' });
    const owned = server?.metadata.managedFields?.filter((entry) => JSON.stringify(entry).includes('f:lastUsedTime'));
    expect(owned).toMatchObject([{ manager: 'crisp-mcp-operator-last-use', subresource: 'status' }]);
    expect(await lastUsedTime('support')).toBeDefined();
  });

  test('without a loop: what follows from such a write is one look at the server and no other write', async () => {
    const { h, used, count } = await serving(['support']);
    const looks = () => count('crisp_mcp_reconciles_total', { kind: 'server', result: 'success' });
    await used('support');
    const before = (await looks()) ?? 0;
    await h.advance(FIRST_ROUND);
    await h.advance(3 * ROUND);
    expect(h.writes).toHaveLength(1);
    expect((await looks()) ?? 0).toBe(before + 1);
  });

  test('at most five a second, each server in its turn, through all pages of the book', async () => {
    const names = many(23);
    const { h, used, lastUsedTime } = await serving(names);
    for (const name of names) await used(name);
    await h.advance(FIRST_ROUND);
    const writtenBy = () => h.writes.filter((write) => STATUS_WRITE.test(write)).length;
    const before = writtenBy();
    expect(before).toBeLessThanOrEqual(2);
    await h.advance(2_000 - 100);
    expect(writtenBy() - before).toBeLessThanOrEqual(10);
    await h.advance(4_000);
    for (const name of names) expect(await lastUsedTime(name), name).toBeDefined();
    expect(writtenBy()).toBe(names.length);
  });

  test('never of a server that went or is about to expire while its write waited for its turn', async () => {
    const { h, book, used } = await serving(['first', 'second', 'third', 'fourth']);
    const uids = await Promise.all(
      ['first', 'second', 'third', 'fourth'].map(async (name) => (await h.getServer(name))?.metadata.uid ?? ''),
    );
    for (const name of ['first', 'second', 'third', 'fourth']) await used(name);
    expect([...book.entries.keys()]).toEqual(uids);
    const asked: string[] = [];
    observing(h, (name) => asked.push(name));
    // The second now waits for its turn.
    await h.clock.advanceAsync(FIRST_ROUND - SETTLING);
    expect(asked).toEqual(['first']);
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'third' });
    const expiresAt = new Date(h.clock.now() + 30_000).toISOString();
    await h.patchServer('second', { spec: { expiresAt, expirationPolicy: 'Retain' } });
    await h.advance(2_000);
    expect(asked).toEqual(['first', 'fourth']);
  });

  test('and makes good in a later round what Redis did not tell; it is counted', async () => {
    const { h, book, used, count, lastUsedTime } = await serving(['support']);
    book.failing = true;
    await used('support');
    await h.advance(FIRST_ROUND + ROUND);
    expect(await lastUsedTime('support')).toBeUndefined();
    expect(await count('crisp_mcp_last_use_pages_total', { result: 'failed' })).toBe(2);
    book.failing = false;
    await h.advance(ROUND);
    expect(await lastUsedTime('support')).toBeDefined();
    expect(await count('crisp_mcp_last_use_writes_total', { result: 'written' })).toBe(1);
  });

  test('and gives way to whoever wrote first', async () => {
    const { h, used, count, lastUsedTime } = await serving(['support']);
    await used('support');
    failing(h, 1, new ApiError({ reason: 'Conflict', status: 409, message: 'changed' }));
    await h.advance(FIRST_ROUND);
    expect(await count('crisp_mcp_last_use_writes_total', { result: 'conflict' })).toBe(1);
    expect(await lastUsedTime('support')).toBeUndefined();
    await h.advance(ROUND);
    expect(await lastUsedTime('support')).toBeDefined();
  });

  test('and leaves an API server in peace that does not answer, but not for one that refuses one server', async () => {
    const names = many(4);
    const lines: string[] = [];
    const logger = createLogger({ name: 'test', destination: { write: (line) => lines.push(line) } });
    const away = await serving(names, { logger });
    for (const name of names) await away.used(name);
    const tries = failing(away.h, 100, new ApiError({ reason: 'Unreachable', status: 0, message: 'no answer' }));
    await away.h.advance(FIRST_ROUND + 9_000);
    expect(tries.made).toBe(1);
    await away.h.advance(10_000);
    expect(tries.made).toBe(2);
    expect(lines.filter((line) => line.includes('last use'))).toHaveLength(1);

    const refused = await serving(names);
    for (const name of names) await refused.used(name);
    failing(refused.h, 1, new ApiError({ reason: 'Forbidden', status: 403, message: 'a webhook says no' }));
    await refused.h.advance(FIRST_ROUND + 1_000);
    expect(await Promise.all(names.slice(1).map(refused.lastUsedTime))).not.toContain(undefined);
    expect(await refused.count('crisp_mcp_last_use_writes_total', { result: 'failed' })).toBe(1);
  });

  test('only while it leads', async () => {
    let leads = true;
    const { h, book, used, lastUsedTime } = await serving(['support'], { isLeader: () => leads });
    await used('support');
    leads = false;
    await h.advance(FIRST_ROUND + ROUND);
    expect(book.reads).toBe(0);
    leads = true;
    await h.operator?.stop();
    await h.advance(5 * ROUND);
    expect(book.reads).toBe(0);
    expect(await lastUsedTime('support')).toBeUndefined();
  });
});

describe('the book of last uses', () => {
  test('forgets servers that are gone, an hour after their last use, and keeps those that are there', async () => {
    const { h, book, used, uidOf, count } = await serving(['support', 'leaver']);
    await used('support');
    await used('leaver');
    const [support, leaver] = await Promise.all([uidOf('support'), uidOf('leaver')]);
    book.entries.set('never-seen', h.clock.now() - 2 * HOUR);
    book.entries.set('nonsense', Number.NaN);
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'leaver' });
    await h.advance(FIRST_ROUND);
    expect([...book.entries.keys()]).toEqual([support, leaver]);
    await h.advance(HOUR + ROUND);
    expect([...book.entries.keys()]).toEqual([support]);
    expect(await count('crisp_mcp_last_uses_forgotten_total')).toBe(3);
  });
});

test('the metrics of it are documented in their own words', async () => {
  const metrics = createMetrics({ process: 'test', runtime: false });
  new OperatorMetrics(metrics, { leading: () => true, storeState: () => 'synced' });
  const text = await metrics.metrics();
  const helps = [...text.matchAll(/^# HELP (crisp_mcp_last_use\w*) (.*)$/gm)].map(([, name, help]) => [name, help]);
  const rows = [...DOCS.matchAll(/^\| `(crisp_mcp_last_use\w*)(?:\{\w+\})?` \| counter \| (.*) \|$/gm)];
  expect(rows.map(([, name, help]) => [name, help])).toEqual(helps.sort());
  expect(rows).toHaveLength(3);
});

/** The next so many status writes of last uses fail. */
function failing(h: Harness, times: number, error: Error): { made: number } {
  const tries = { made: 0 };
  observing(h, () => {
    tries.made += 1;
    if (tries.made <= times) throw error;
  });
  return tries;
}

function observing(h: Harness, onWrite: (server: string) => void): void {
  const write = h.api.mergePatch.bind(h.api);
  h.api.mergePatch = async (type, reference, patch, options) => {
    if (options?.fieldManager === 'crisp-mcp-operator-last-use') onWrite(reference.name);
    return await write(type, reference, patch, options);
  };
}
