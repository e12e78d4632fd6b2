import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { seededRandom } from '../process/random.ts';
import { AccessLog, type AccessRecord } from './access-log.ts';

const RECORD: AccessRecord = {
  time: Date.parse('2026-01-01T00:00:00Z'),
  fingerprint: '0123456789ab',
  namespace: 'support',
  name: 'assistant',
  method: 'POST',
  rpc: 'tools/list',
  tool: undefined,
  status: 200,
  outcome: 'ok',
  durationMs: 1,
  bytes: 10,
  client: undefined,
  version: undefined,
};

function logOf(sample?: number) {
  let text = '';
  const pieces: number[] = [];
  const destination = {
    write: (more: Buffer) => {
      pieces.push(more.length);
      text += more.toString('utf8');
    },
  };
  const log = new AccessLog({
    destination,
    clock: new FakeClock(),
    random: seededRandom(1),
    ...(sample === undefined ? {} : { sample }),
  });
  return {
    log,
    pieces,
    lines: (): Record<string, unknown>[] => {
      log.flush();
      return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    },
  };
}

test('the access log has a line a request', () => {
  const { log, lines } = logOf();
  for (let count = 0; count < 100; count++) log.write(RECORD);
  expect(lines()).toHaveLength(100);
  expect(lines()[0]).not.toHaveProperty('sample');
});

test('lines of any characters leave whole, in pieces of a bounded size', () => {
  const { log, lines, pieces } = logOf();
  for (let count = 0; count < 1_000; count++) log.write({ ...RECORD, client: `Müller \u{1f680}/${count}` });
  expect(lines().map(({ client }) => client)).toEqual(
    Array.from({ length: 1_000 }, (_, count) => `Müller \u{1f680}/${count}`),
  );
  expect(pieces.length).toBeGreaterThan(1);
  expect(Math.max(...pieces)).toBeLessThanOrEqual(64 * 1_024);
});

test('a sample of it shows that share of the requests that succeed and says so', () => {
  const { log, lines } = logOf(0.25);
  for (let count = 0; count < 4_000; count++) log.write(RECORD);
  expect(lines().length).toBeGreaterThan(800);
  expect(lines().length).toBeLessThan(1_200);
  expect(lines()[0]).toMatchObject({ sample: 0.25, rpc: 'tools/list' });
});

test.each([
  ['an HTTP error', { status: 404, outcome: 'not-found' }],
  ['a tool that failed', { status: 200, outcome: 'tool-error' }],
])('a sample of it shows every request that ends in %s', (_name, changes) => {
  const { log, lines } = logOf(0.001);
  for (let count = 0; count < 50; count++) log.write({ ...RECORD, ...changes });
  expect(lines()).toHaveLength(50);
  expect(lines()[0]).not.toHaveProperty('sample');
});
