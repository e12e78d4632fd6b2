import { describe, expect, test } from 'vitest';
import type { CrispMcpServer } from '../resources/crisp-mcp-server.ts';
import { isForgettable, lastUsedTimeToWrite } from './last-use.ts';
import { serverManifest } from './operator-harness.ts';

const NOW = Date.parse('2026-01-01T12:34:56Z');
const ago = (minutes: number) => NOW - minutes * 60_000;

/** A server that serves, changed as told. */
function server(change: {
  spec?: Partial<CrispMcpServer['spec']>;
  status?: Partial<NonNullable<CrispMcpServer['status']>>;
  deleting?: boolean;
}): CrispMcpServer {
  const { metadata, ...rest } = serverManifest('support', change.spec);
  return {
    ...rest,
    metadata: { ...metadata, ...(change.deleting ? { deletionTimestamp: '2026-01-01T12:34:00Z' } : {}) },
    status: { reason: 'Serving', ...change.status },
  };
}

const expired = {
  type: 'Expired',
  status: 'True',
  reason: 'ExpiresAtPassed',
  message: '',
  lastTransitionTime: '2026-01-01T12:00:00Z',
} as const;

describe('the last use in a status', () => {
  test.each([
    ['the first', server({}), ago(1), '2026-01-01T12:00:00Z'],
    ['a later hour', server({ status: { lastUsedTime: '2026-01-01T11:00:00Z' } }), ago(1), '2026-01-01T12:00:00Z'],
    ['the same hour', server({ status: { lastUsedTime: '2026-01-01T12:00:00Z' } }), ago(1), undefined],
    ['an earlier hour', server({ status: { lastUsedTime: '2026-01-01T12:00:00Z' } }), ago(90), undefined],
    ['after one that cannot be', server({ status: { lastUsedTime: '9999-01-01T00:00:00Z' } }), ago(90), '2026-01-01T11:00:00Z'], // biome-ignore format: one line
    ['of a suspended server', server({ spec: { suspend: true } }), ago(1), '2026-01-01T12:00:00Z'],
    ['of one that ends later', server({ spec: { expiresAt: '2026-01-01T12:40:00Z' } }), ago(1), '2026-01-01T12:00:00Z'],
    ['of one that ends within a minute', server({ spec: { expiresAt: '2026-01-01T12:35:50Z' } }), ago(1), undefined],
    ['of one whose end has passed', server({ spec: { expiresAt: '2026-01-01T12:00:00Z' } }), ago(40), undefined],
    ['of one that was found expired', server({ status: { conditions: [expired] } }), ago(40), undefined],
    ['of one that is being deleted', server({ deleting: true }), ago(1), undefined],
    ['of one that has no status yet', { ...server({}), status: {} }, ago(1), undefined],
    ['a little ahead, as clocks differ', server({}), NOW + 30_000, '2026-01-01T12:00:00Z'],
    ['far ahead', server({}), NOW + 3_600_000, undefined],
    ['infinite', server({}), Number.POSITIVE_INFINITY, undefined],
    ['no number', server({}), Number.NaN, undefined],
    ['negative', server({}), -1, undefined],
  ])('%s', (_, subject, lastUse, expected) => {
    expect(lastUsedTimeToWrite(subject, lastUse, NOW)).toBe(expected);
  });
});

test.each([
  ['a use of this moment', NOW, false],
  ['a use of this hour', ago(59), false],
  ['an old use', ago(61), true],
  ['a use that cannot be', NOW + 7_200_000, true],
  ['no number', Number.NaN, true],
])('the book may forget of a server that is gone: %s', (_, lastUse, expected) => {
  expect(isForgettable(lastUse, NOW)).toBe(expected);
});
