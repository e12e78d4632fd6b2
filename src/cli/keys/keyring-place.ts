import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretType } from '../../kubernetes/core-types.ts';
import { isApiError, type ObjectApi, type ObjectReference } from '../../kubernetes/object-api.ts';
import type { KeyringEntries } from '../../routes/keyring.ts';
import { readKeyringEntries } from '../../routes/keyring-file.ts';
import { UserError } from '../user-error.ts';

/** Where a keyring is kept, for commands that change it: files, or the Secret that Pods have mounted. */
export interface KeyringPlace {
  read(): Promise<KeyringEntries>;
  /** Fails when it has changed since it was read. */
  write(entries: KeyringEntries): Promise<void>;
}

/** A folder with the files `current` and `previous`, or one file of lines. */
export function keyringInFiles(path: string): KeyringPlace {
  let seen: string | undefined;
  return {
    async read() {
      const entries = readKeyringEntries(path);
      seen = JSON.stringify(entries);
      return entries;
    },
    async write(entries) {
      if (JSON.stringify(readKeyringEntries(path)) !== seen) throw changedMeanwhile(`Keyring ${path}`);
      try {
        if (statSync(path).isDirectory()) writeFolder(path, entries);
        else replaceFile(path, linesOf(entries));
      } catch (cause) {
        const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
        throw new UserError(
          'KEYRING_NOT_WRITTEN',
          `Keyring ${path} cannot be written (${code}). A mounted Secret is changed with --secret instead.`,
          { cause },
        );
      }
      seen = JSON.stringify(readKeyringEntries(path));
    },
  };
}

/**
 * Two files do not change at one moment. With `previous` first, a reader in between sees the old current key twice and
 * goes on with it; the other way round it would know the new key alone, which has signed nothing yet.
 */
function writeFolder(folder: string, { current, previous }: KeyringEntries): void {
  if (previous === undefined) rmSync(join(folder, 'previous'), { force: true });
  else replaceFile(join(folder, 'previous'), `${previous.trim()}\n`);
  replaceFile(join(folder, 'current'), `${current.trim()}\n`);
}

function linesOf({ current, previous }: KeyringEntries): string {
  return `current=${current.trim()}\n${previous === undefined ? '' : `previous=${previous.trim()}\n`}`;
}

function replaceFile(path: string, content: string): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, content, { mode: 0o600 });
  renameSync(fresh, path);
}

export function keyringInSecret(api: ObjectApi, reference: ObjectReference): KeyringPlace {
  const what = `Secret "${reference.name}" in namespace "${reference.namespace ?? ''}"`;
  let resourceVersion: string | undefined;
  return {
    async read() {
      const secret = await api.get(secretType, reference);
      const current = decode(secret?.data?.current);
      if (secret === undefined || current === undefined) {
        const problem = secret === undefined ? 'does not exist' : 'has no key "current"';
        throw new UserError(
          'KEYRING_NOT_FOUND',
          `${what} ${problem}; name the Secret that operator and gateway have mounted (--secret, --namespace).`,
        );
      }
      resourceVersion = secret.metadata.resourceVersion;
      return { current, previous: decode(secret.data?.previous) };
    },
    async write({ current, previous }) {
      const data = { current: encode(current), previous: previous === undefined ? null : encode(previous) };
      try {
        const written = await api.mergePatch(secretType, reference, { metadata: { resourceVersion }, data });
        resourceVersion = written.metadata.resourceVersion;
      } catch (error) {
        throw isApiError(error, 'Conflict') ? changedMeanwhile(what) : error;
      }
    },
  };
}

function changedMeanwhile(what: string): UserError {
  return new UserError('KEYRING_CHANGED', `${what} was changed by somebody else meanwhile; run the command again.`);
}

function encode(text: string): string {
  return Buffer.from(text.trim(), 'utf8').toString('base64');
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8').trim();
}
