import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCgroups, removeCgroups } from './cgroups.ts';
import { CGROUP } from './layout.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroups-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

test('one is made in each hierarchy of the first version, with the processors of the machine', async () => {
  for (const name of ['memory', 'cpuset']) {
    mkdirSync(join(root, name, CGROUP), { recursive: true });
    writeFileSync(join(root, name, 'release_agent'), '');
  }
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(root, 'cpuset', file), '0-1\n');
    writeFileSync(join(root, 'cpuset', CGROUP, file), '');
  }
  mkdirSync(join(root, 'not-a-hierarchy'));
  await createCgroups(root);
  expect(readFileSync(join(root, 'cpuset', CGROUP, 'cpuset.cpus'), 'utf8')).toBe('0-1\n');
  expect(existsSync(join(root, 'memory', CGROUP))).toBe(true);
  expect(existsSync(join(root, 'not-a-hierarchy', CGROUP))).toBe(false);
});

test("one is made in the second version's hierarchy, with the controllers that kubelet needs", async () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu memory pids\n');
  await createCgroups(root);
  expect(readFileSync(join(root, 'cgroup.subtree_control'), 'utf8')).toBe('+cpuset +cpu +memory +pids');
  expect(readFileSync(join(root, CGROUP, 'cgroup.subtree_control'), 'utf8')).toBe('+cpuset +cpu +memory +pids');
});

test('all are removed with what is in them', async () => {
  mkdirSync(join(root, 'unified', CGROUP, 'kubepods/pod1'), { recursive: true });
  expect(await removeCgroups(root)).toEqual([]);
  expect(existsSync(join(root, 'unified', CGROUP))).toBe(false);
});
