import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../process/clock.ts';
import { createLogger } from '../../process/logger.ts';
import { seededRandom } from '../../process/random.ts';
import type { AuditRecord } from './audit-record.ts';
import { AuditTrail, type AuditTrailOptions } from './audit-trail.ts';
import { FakeSink } from './fake-sink.ts';

const RECORD: AuditRecord = {
  time: Date.parse('2026-01-01T00:00:00Z'),
  fingerprint: '0123456789ab',
  namespace: 'support',
  name: 'assistant',
  client: 'inspector/2.12.0',
  tool: 'list_crisp_conversations',
  outcome: 'ok',
  result: 'success',
  truncated: false,
  upstreamStatus: 200,
  durationMs: 12.3456,
  bytes: 100,
  arguments: undefined,
  traceId: undefined,
};

async function trailOf(options: Partial<AuditTrailOptions> = {}, sink = new FakeSink()) {
  const clock = new FakeClock();
  const log: string[] = [];
  const logger = createLogger({ name: 'test', destination: { write: (line) => log.push(line) } });
  const trail = new AuditTrail({ sink, clock, logger, random: seededRandom(1), ...options });
  await clock.advanceAsync(0);
  return { trail, sink, clock, log };
}

describe('the audit trail', () => {
  test('writes records in batches, each with the next number', async () => {
    const { trail, sink, clock } = await trailOf();
    for (let count = 0; count < 3; count++) trail.record(RECORD);
    expect(sink.lines).toEqual([]);
    await clock.advanceAsync(200);
    expect(sink.writes).toBe(2);
    expect(sink.records.map(({ id }) => String(id).split('-')[1])).toEqual(['1', '2', '3']);
    expect(new Set(sink.records.map(({ id }) => String(id).split('-')[0])).size).toBe(1);
    expect(sink.records[0]).toMatchObject({ log: 'audit', clientName: 'inspector', clientVersion: '2.12.0' });
    expect([trail.written, trail.lost, trail.backlog]).toEqual([3, 0, 0]);
  });

  test('a sink that fails gets the same records again until it takes them', async () => {
    const { trail, sink, clock, log } = await trailOf();
    sink.failure = new Error('disk full');
    trail.record(RECORD);
    await clock.advanceAsync(5_000);
    expect([trail.failing, trail.backlog, trail.lost]).toEqual([true, 1, 0]);
    sink.failure = undefined;
    trail.record(RECORD);
    await clock.advanceAsync(1_000);
    expect(sink.records).toHaveLength(2);
    expect([trail.failing, trail.backlog, trail.lost]).toEqual([false, 0, 0]);
    expect(log.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
  });

  test('when it is full, records are lost and counted; those that wait are kept', async () => {
    const { trail, sink, clock, log } = await trailOf({ maxRecords: 2 });
    sink.failure = new Error('disk full');
    for (let count = 0; count < 5; count++) trail.record(RECORD);
    expect([trail.backlog, trail.lost]).toEqual([2, 3]);
    sink.failure = undefined;
    await clock.advanceAsync(2_000);
    expect(sink.records.map(({ id }) => String(id).split('-')[1])).toEqual(['1', '2']);
    expect(log.join('')).toContain('audit records are lost');
  });

  test('the backlog is bounded in characters too', async () => {
    const { trail, sink } = await trailOf({ maxCharacters: 500 });
    sink.hold();
    for (let count = 0; count < 10; count++) trail.record({ ...RECORD, arguments: `"${'x'.repeat(400)}"` });
    expect([trail.backlog, trail.lost]).toEqual([1, 9]);
  });

  test('a slow sink is given one write at a time, and what came meanwhile goes with the next', async () => {
    const { trail, sink, clock } = await trailOf();
    sink.hold();
    trail.record(RECORD);
    await clock.advanceAsync(200);
    for (let count = 0; count < 5; count++) trail.record(RECORD);
    await clock.advanceAsync(1_000);
    expect(sink.writes).toBe(2);
    sink.release();
    await clock.advanceAsync(200);
    expect(sink.writes).toBe(3);
    expect(sink.records).toHaveLength(6);
  });

  describe('when it is required', () => {
    test('no call begins before the sink has shown that it works', async () => {
      const sink = new FakeSink();
      sink.failure = new Error('unreachable');
      const { trail, clock } = await trailOf({ required: true }, sink);
      expect(trail.begin()).toBe(false);
      sink.failure = undefined;
      await clock.advanceAsync(1_000);
      expect(trail.begin()).toBe(true);
      expect(trail.refused).toBe(1);
    });

    test('no call begins while the sink fails or is silent, and none that began loses its record', async () => {
      const { trail, sink, clock } = await trailOf({ required: true });
      expect(trail.begin()).toBe(true);
      sink.hold();
      trail.record(RECORD);
      await clock.advanceAsync(4_000);
      expect(trail.begin()).toBe(true);
      await clock.advanceAsync(2_000);
      expect(trail.begin()).toBe(false);
      sink.failure = new Error('gone');
      sink.release();
      await clock.advanceAsync(0);
      expect(trail.begin()).toBe(false);
      trail.record(RECORD);
      sink.failure = undefined;
      await clock.advanceAsync(1_000);
      expect(sink.records).toHaveLength(2);
      expect([trail.begin(), trail.lost]).toEqual([true, 0]);
    });

    test('no call begins without a place for its record', async () => {
      const { trail, sink } = await trailOf({ required: true, maxRecords: 3 });
      sink.hold();
      expect([trail.begin(), trail.begin(), trail.begin(), trail.begin()]).toEqual([true, true, true, false]);
      trail.record(RECORD);
      expect(trail.begin()).toBe(false);
      trail.record(RECORD);
      trail.record(RECORD);
      expect([trail.backlog, trail.lost]).toEqual([3, 0]);
    });
  });

  test('closing writes what is left and closes the sink', async () => {
    const { trail, sink } = await trailOf();
    trail.record(RECORD);
    await trail.close();
    expect([sink.records.length, sink.closed, trail.lost]).toEqual([1, true, 0]);
  });

  test('closing waits for a silent sink only so long, and counts what it loses', async () => {
    const { trail, sink, clock } = await trailOf();
    sink.hold();
    trail.record(RECORD);
    const closing = trail.close();
    await clock.advanceAsync(3_000);
    await closing;
    expect([trail.lost, sink.closed]).toEqual([1, true]);
  });
});
