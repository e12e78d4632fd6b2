import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StateFile } from './state-file.ts';

const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });

describe('the state file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'state-'));
    path = join(folder, 'data', 'state.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('gives back what was saved, readable by its owner alone', async () => {
    await new StateFile(path).save([secret('a')]);
    expect(await new StateFile(path).load()).toEqual({ objects: [secret('a')] });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'data'))).toEqual(['state.json']);
  });

  test('is empty before the first save', async () => {
    expect(await new StateFile(path).load()).toEqual({ objects: [] });
  });

  test('holds the newest of saves that overlap', async () => {
    const file = new StateFile(path);
    await Promise.all([file.save([secret('a')]), file.save([secret('b')]), file.save([secret('c')])]);
    expect(await file.load()).toEqual({ objects: [secret('c')] });
  });

  test.each(['{"version":1,"objects":[', '{"version":2,"objects":[]}', ''])(
    'moves aside %j instead of overwriting it',
    async (text) => {
      await new StateFile(path).save([]);
      await writeFile(path, text);
      const { objects, movedTo } = await new StateFile(path).load();
      expect(objects).toEqual([]);
      expect(await readFile(movedTo ?? '', 'utf8')).toBe(text);
    },
  );

  test('keeps the old content and leaves no scraps when a save fails', async () => {
    const file = new StateFile(path);
    await file.save([secret('a')]);
    const circular: { metadata: { name: string; self?: unknown } } = { metadata: { name: 'x' } };
    circular.metadata.self = circular;
    await expect(file.save([{ apiVersion: 'v1', kind: 'Secret', ...circular }])).rejects.toThrow();
    expect(await file.load()).toEqual({ objects: [secret('a')] });
    expect(await readdir(join(folder, 'data'))).toEqual(['state.json']);
  });
});
