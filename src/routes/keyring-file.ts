import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { AtMostEvery } from '../process/at-most-every.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { KeyringError } from './errors.ts';
import { type KeyPair, type Keyring, type KeyringEntries, type KeyringKey, parseKeyringEntries } from './keyring.ts';

/**
 * A keyring that lives in files: a folder, such as a mounted Secret, with the files `current` and `previous`, or one file
 * with lines `current=id:key` and `previous=id:key`. It is read again when the folder changes and, should that
 * notification be missed, when a record is met that no known key accepts (at most once a second). Keys that cannot be
 * read leave the last good ones in force.
 */
export interface FileKeyring extends Keyring {
  /** Reads the files again; throws {@link KeyringError} and keeps the present keys when they are not good. */
  reload(): void;
  /** `listener` runs after each change of keys. */
  onChange(listener: () => void): void;
  close(): void;
}

const REFRESH_INTERVAL = 1000;

export function loadKeyring(path: string, context: { clock: Clock; logger: Logger }): FileKeyring {
  return new WatchedKeyring(path, context);
}

class WatchedKeyring implements FileKeyring {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #refreshes: AtMostEvery;
  readonly #listeners: (() => void)[] = [];
  readonly #watcher: FSWatcher | undefined;
  #keys: KeyPair;
  #fingerprint: string;

  constructor(path: string, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#path = path;
    this.#logger = logger;
    this.#refreshes = new AtMostEvery(clock, REFRESH_INTERVAL);
    const entries = readKeyringEntries(path);
    this.#keys = parseKeyringEntries(entries, `Keyring ${path}`);
    this.#fingerprint = JSON.stringify(entries);
    this.#watcher = this.#watch();
  }

  get current(): KeyringKey {
    return this.#keys.current;
  }

  get previous(): KeyringKey | undefined {
    return this.#keys.previous;
  }

  reload(): void {
    const entries = readKeyringEntries(this.#path);
    const fingerprint = JSON.stringify(entries);
    if (fingerprint === this.#fingerprint) return;
    this.#keys = parseKeyringEntries(entries, `Keyring ${this.#path}`);
    this.#fingerprint = fingerprint;
    this.#logger.info('keyring changed', { current: this.current.id, previous: this.previous?.id });
    for (const listener of this.#listeners) listener();
  }

  refresh(): void {
    if (this.#refreshes.claim()) this.#reloadQuietly();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#watcher?.close();
  }

  #reloadQuietly(): void {
    try {
      this.reload();
    } catch (error) {
      this.#logger.warn('keyring not readable; the last good keys stay in force', { path: this.#path, error });
    }
  }

  /** The folder is watched and not the file: a mounted Secret changes by swapping a symbolic link beside it. */
  #watch(): FSWatcher | undefined {
    try {
      const folder = statSync(this.#path).isDirectory() ? this.#path : dirname(this.#path);
      const watcher = watch(folder, { persistent: false }, () => this.#reloadQuietly());
      watcher.on('error', (error) => this.#logger.warn('keyring no longer watched', { path: this.#path, error }));
      return watcher;
    } catch (error) {
      this.#logger.warn('keyring cannot be watched', { path: this.#path, error });
      return undefined;
    }
  }
}

/** The entries as they stand there, unread. Throws {@link KeyringError}. */
export function readKeyringEntries(path: string): KeyringEntries {
  try {
    return statSync(path).isDirectory() ? readFolder(path) : readLines(path);
  } catch (error) {
    if (error instanceof KeyringError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new KeyringError(
      `Keyring ${path} cannot be read (${code}). It must be a folder with the file "current" or a file with a line "current=id:key".`,
    );
  }
}

function readFolder(path: string): KeyringEntries {
  return { current: readFileSync(join(path, 'current'), 'utf8'), previous: readOptional(join(path, 'previous')) };
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readLines(path: string): KeyringEntries {
  const entries = new Map<string, string>();
  for (const [index, raw] of readFileSync(path, 'utf8').split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const name = line.slice(0, Math.max(line.indexOf('='), 0)).trim();
    if ((name !== 'current' && name !== 'previous') || entries.has(name)) {
      throw new KeyringError(
        `Keyring ${path}, line ${index + 1}: expected one "current=id:key" and one "previous=id:key".`,
      );
    }
    entries.set(name, line.slice(line.indexOf('=') + 1));
  }
  const current = entries.get('current');
  if (current === undefined) throw new KeyringError(`Keyring ${path} has no line "current=id:key".`);
  return { current, previous: entries.get('previous') };
}
