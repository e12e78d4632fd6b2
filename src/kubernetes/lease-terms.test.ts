import { expect, test } from 'vitest';
import type { Lease } from './core-types.ts';
import { acquired, type LeaseSpec, released, renewed } from './lease-terms.ts';

const holder = { identity: 'b', durationSeconds: 15, now: Date.parse('2026-01-01T00:00:00.123Z') };
const time = '2026-01-01T00:00:00.123000Z';

function lease(spec: LeaseSpec | undefined): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'operator' },
    ...(spec === undefined ? {} : { spec }),
  };
}

const held = lease({
  holderIdentity: 'a',
  leaseDurationSeconds: 30,
  acquireTime: '2025-12-31T00:00:00.000000Z',
  renewTime: '2025-12-31T01:00:00.000000Z',
  leaseTransitions: 6,
});

test('the first holder ever begins at no transitions', () => {
  expect(acquired(undefined, holder)).toEqual({
    holderIdentity: 'b',
    leaseDurationSeconds: 15,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: 0,
  });
});

test('a new holder counts one more, also over a lease that somebody left empty', () => {
  expect(acquired(held, holder)).toMatchObject({ holderIdentity: 'b', acquireTime: time, leaseTransitions: 7 });
  expect(acquired(lease(undefined), holder)).toMatchObject({ leaseTransitions: 1 });
});

test('a renewal changes neither the time of acquisition nor the transitions', () => {
  expect(renewed(held, holder)).toEqual({
    ...held.spec,
    holderIdentity: 'b',
    leaseDurationSeconds: 15,
    renewTime: time,
  });
});

test('a released lease names nobody, keeps its transitions and is dead in a second', () => {
  expect(released(held, holder.now)).toMatchObject({
    holderIdentity: '',
    leaseDurationSeconds: 1,
    leaseTransitions: 6,
  });
});
