import { type Clock, delay } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import { createKeyring, type Keyring, type KeyringEntries, newKeyringEntry } from '../../routes/keyring.ts';
import type { KeyCensus } from '../../routes/redis-key-census.ts';
import { UserError } from '../user-error.ts';
import type { KeyringPlace } from './keyring-place.ts';

/**
 * A rotation of the keyring under traffic. The new key is put beside the current one first, so that every process accepts
 * it before anything is signed with it; then the two change places, and the operator writes every record anew. The key
 * before is kept until it is retired. Interrupted at any moment nothing is lost, and the next run begins anew. A key that
 * has records is never dropped.
 */
export interface RotationOptions {
  readonly place: KeyringPlace;
  readonly census: Pick<KeyCensus, 'count'>;
  readonly clock: Clock;
  readonly random: Random;
  /** How long the slowest process may take to read a changed keyring. */
  readonly settleMs: number;
  /** How long the operator may take to write the records anew. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

const POLL_MS = 1_000;

export async function rotateKeys(options: RotationOptions): Promise<void> {
  const { place, clock, random, settleMs, say } = options;
  const before = await place.read();
  const old = createKeyring(before);
  await refuseWhileInUse(options, old, 'rotated');
  const fresh = newKeyringEntry(random);
  await place.write({ current: before.current, previous: fresh });
  say(`Key ${idOf(fresh)} stands beside ${old.current.id}; ${settleMs / 1_000} s for every process to read it.`);
  await delay(clock, settleMs);
  const after: KeyringEntries = { current: fresh, previous: before.current };
  await place.write(after);
  say(`Key ${idOf(fresh)} is the current one; the operator writes the records anew.`);
  await waitUntilRewritten(options, createKeyring(after));
  say(`Nothing is under key ${old.current.id} any more. It is accepted until "crisp-mcp keys retire" drops it.`);
}

export async function retirePreviousKey(options: Pick<RotationOptions, 'place' | 'census' | 'say'>): Promise<void> {
  const { place, say } = options;
  const entries = await place.read();
  const keyring = createKeyring(entries);
  if (keyring.previous === undefined) {
    say(`There is no previous key; ${keyring.current.id} is the only one.`);
    return;
  }
  await refuseWhileInUse(options, keyring, 'retired');
  await place.write({ current: entries.current });
  say(`Key ${keyring.previous.id} is dropped; ${keyring.current.id} is the only one.`);
}

export async function describeKeys(options: Pick<RotationOptions, 'place' | 'census' | 'say'>): Promise<void> {
  const keyring = createKeyring(await options.place.read());
  const { byKey, unknown } = await options.census.count(keyring);
  for (const [role, key] of [['current', keyring.current] as const, ['previous', keyring.previous] as const]) {
    if (key !== undefined) options.say(`${role} ${key.id}: ${byKey.get(key.id) ?? 0} records`);
  }
  if (unknown > 0) options.say(`neither: ${unknown} records, which no gateway serves; the operator removes them`);
}

async function refuseWhileInUse(
  { census }: Pick<RotationOptions, 'census'>,
  keyring: Keyring,
  what: 'rotated' | 'retired',
): Promise<void> {
  const { current, previous } = keyring;
  if (previous === undefined) return;
  const left = (await census.count(keyring)).byKey.get(previous.id) ?? 0;
  if (left === 0) return;
  throw new UserError(
    'KEYRING_PREVIOUS_IN_USE',
    `The keyring cannot be ${what} yet: ${records(left)} under the previous key ${previous.id}, and their URLs would die with it. A running operator writes them anew with ${current.id} within minutes; "crisp-mcp keys status" counts them.`,
  );
}

async function waitUntilRewritten(options: RotationOptions, keyring: Keyring): Promise<void> {
  const { census, clock, timeoutMs, say } = options;
  const id = keyring.previous?.id ?? '';
  const deadline = clock.monotonic() + timeoutMs;
  let said: number | undefined;
  for (;;) {
    const left = (await census.count(keyring)).byKey.get(id) ?? 0;
    if (left === 0) return;
    if (left !== said) say(`${records(left)} under ${id}.`);
    said = left;
    if (clock.monotonic() >= deadline) {
      throw new UserError(
        'KEYRING_NOT_REWRITTEN',
        `The new key is in use, but ${records(left)} under ${id}: see whether an operator leads and reads this keyring. Nothing is lost; both keys are accepted, and "crisp-mcp keys status" counts on.`,
      );
    }
    await delay(clock, POLL_MS);
  }
}

function records(count: number): string {
  return count === 1 ? '1 record is still' : `${count} records are still`;
}

function idOf(entry: string): string {
  return entry.slice(0, entry.indexOf(':'));
}
