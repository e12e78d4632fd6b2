import { describe, expect, test } from 'vitest';
import { createCommands } from './commands.ts';
import { addressesTaken, type Machine, whyNoNode } from './preconditions.ts';

const ALL = (1n << 41n) - 1n;
const machine: Machine = { platform: 'linux', userId: 0, capabilities: ALL };

describe('a machine can be a node', () => {
  test('when root has all its capabilities on Linux', () => {
    expect(whyNoNode(machine)).toBeUndefined();
  });

  test.each<[string, Partial<Machine>, RegExp]>([
    ['on another system', { platform: 'darwin' }, /Linux namespaces, and this is darwin/],
    ['for anybody but root', { userId: 1000 }, /root only/],
    ['in a container that is not privileged', { capabilities: ALL & ~(1n << 21n) }, /root lacks CAP_SYS_ADMIN/],
  ])('not %s', (_where, change, reason) => {
    expect(whyNoNode({ ...machine, ...change })).toMatch(reason);
  });
});

describe('the addresses of the node', () => {
  const withRoutes = (routes: string): Promise<string | undefined> =>
    addressesTaken({ ...createCommands([]), run: async () => routes });

  test('are free on most machines', async () => {
    expect(await withRoutes('default via 10.0.2.2 dev eth0\n10.0.2.0/24 dev eth0 proto kernel\n')).toBeUndefined();
  });

  test('are its own, should the routes of a node that ended still be there', async () => {
    expect(await withRoutes('10.96.0.0/16 via 10.243.0.2 dev crispmcp0\n')).toBeUndefined();
  });

  test('are taken where another cluster has them', async () => {
    expect(await withRoutes('10.96.0.0/16 via 192.168.1.2 dev eth0\n')).toContain('10.96.0.0/16 via 192.168.1.2');
  });
});
