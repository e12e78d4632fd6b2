import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { systemRandom } from '../process/random.ts';
import { KeyringError } from './errors.ts';
import { newKeyringEntry } from './keyring.ts';
import { type FileKeyring, loadKeyring } from './keyring-file.ts';

describe('A keyring in files', () => {
  let folder: string;
  let clock: FakeClock;
  const opened: FileKeyring[] = [];
  const [first, second] = [newKeyringEntry(systemRandom), newKeyringEntry(systemRandom)];
  const idOf = (entry: string) => entry.split(':')[0];

  const load = (path: string) => {
    const keyring = loadKeyring(path, { clock, logger: silentLogger });
    opened.push(keyring);
    return keyring;
  };
  const file = (content: string) => {
    const path = join(folder, 'keyring');
    writeFileSync(path, content);
    return path;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyring-'));
    clock = new FakeClock();
  });
  afterEach(() => {
    for (const keyring of opened.splice(0)) keyring.close();
    rmSync(folder, { recursive: true });
  });

  test('is read from a folder with the files "current" and "previous"', () => {
    writeFileSync(join(folder, 'current'), `${first}\n`);
    expect(load(folder).previous).toBeUndefined();
    writeFileSync(join(folder, 'previous'), second);
    const keyring = load(folder);
    expect([keyring.current.id, keyring.previous?.id]).toEqual([idOf(first), idOf(second)]);
  });

  test('is read from one file of lines', () => {
    const keyring = load(file(`# rotated in May\n\ncurrent=${first}\nprevious=${second}\n`));
    expect([keyring.current.id, keyring.previous?.id]).toEqual([idOf(first), idOf(second)]);
  });

  test.each([
    ['no current line', `previous=${second}`, /no line "current=id:key"/],
    ['two current lines', `current=${first}\ncurrent=${second}`, /line 2/],
    ['a line of another kind', `current=${first}\nfoo=bar`, /line 2/],
    ['a line without a name', first, /line 1/],
    ['a bad key', 'current=k1:abc', /32 bytes/],
  ])('refuses a file with %s, naming the file but no key', (_problem, content, message) => {
    const path = file(content);
    expect(() => load(path)).toThrow(message);
    expect(() => load(path)).toThrow(path);
    expect(() => load(path)).not.toThrow(first.split(':')[1]);
  });

  test('refuses what is not there, saying what to do', () => {
    expect(() => load(join(folder, 'nothing'))).toThrow(KeyringError);
    expect(() => load(join(folder, 'nothing'))).toThrow(/ENOENT.*"current"/);
    expect(() => load(folder)).toThrow(/"current"/);
  });

  test('is read again when a mounted Secret is swapped in', async () => {
    for (const [name, entry] of [
      ['one', first],
      ['two', second],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'current'), entry);
    }
    symlinkSync('one', join(folder, '..data'));
    symlinkSync('..data/current', join(folder, 'current'));
    const keyring = load(folder);
    const changed = vi.fn();
    keyring.onChange(changed);
    rmSync(join(folder, '..data'));
    symlinkSync('two', join(folder, '..data'));
    await vi.waitFor(() => expect(keyring.current.id).toBe(idOf(second)), { timeout: 5000 });
    expect(changed).toHaveBeenCalledOnce();
  });

  test('keeps the last good keys when the new ones are bad', () => {
    const path = file(`current=${first}`);
    const keyring = load(path);
    writeFileSync(path, 'current=nonsense');
    expect(() => keyring.reload()).toThrow(KeyringError);
    keyring.refresh();
    expect(keyring.current.id).toBe(idOf(first));
  });

  test('looks again on demand, at most once a second', () => {
    const path = file(`current=${first}`);
    const keyring = load(path);
    // Without the watcher, as on a file system that does not notify.
    keyring.close();
    keyring.refresh();
    writeFileSync(path, `current=${second}`);
    keyring.refresh();
    expect(keyring.current.id).toBe(idOf(first));
    clock.advance(1000);
    keyring.refresh();
    expect(keyring.current.id).toBe(idOf(second));
  });
});
