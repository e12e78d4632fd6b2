import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { IssuedSecret } from './issued-secrets.ts';

/**
 * Searches every file under a folder for secrets: as they are, URL-encoded, as JSON would escape them, in hex, and in
 * base64 (plain and URL-safe) at each of the three alignments at which they can stand inside a longer base64 text.
 * It reads files in pieces that overlap, so that neither size nor the cut between two pieces hides anything.
 */
export interface Leak {
  readonly file: string;
  readonly what: string;
  readonly encoding: string;
  readonly offset: number;
}

export interface Needle {
  readonly what: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

const PIECE = 4 * 1024 * 1024;

export async function searchLeaks(folder: string, secrets: readonly IssuedSecret[]): Promise<Leak[]> {
  const needles = secrets.flatMap(needlesOf);
  const leaks: Leak[] = [];
  for (const file of await filesUnder(folder)) leaks.push(...(await searchFile(folder, file, needles)));
  return leaks;
}

function needlesOf(secret: IssuedSecret): Needle[] {
  const raw = Buffer.from(secret.value, 'utf8');
  const texts: [string, string][] = [
    ['raw', secret.value],
    ['URL-encoded', encodeURIComponent(secret.value)],
    ['JSON', JSON.stringify(secret.value).slice(1, -1)],
    ['hex', raw.toString('hex')],
    ['HEX', raw.toString('hex').toUpperCase()],
  ];
  for (const shift of [0, 1, 2]) {
    const text = base64Core(raw, shift);
    texts.push([`base64, alignment ${shift}`, text]);
    texts.push([`base64url, alignment ${shift}`, text.replaceAll('+', '-').replaceAll('/', '_')]);
    texts.push([`base64 URL-encoded, alignment ${shift}`, encodeURIComponent(text)]);
  }
  const distinct = new Map<string, Needle>();
  for (const [encoding, text] of texts) {
    if (!distinct.has(text)) distinct.set(text, { what: secret.what, encoding, bytes: Buffer.from(text, 'utf8') });
  }
  return [...distinct.values()];
}

/** The part of the base64 text that depends on the secret alone when `shift` bytes of something else precede it. */
function base64Core(raw: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), raw])
    .toString('base64')
    .replace(/=+$/, '');
  const head = Math.ceil((shift * 8) / 6);
  const wholeBits = (shift + raw.length) * 8;
  return text.slice(head, Math.floor(wholeBits / 6));
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function searchFile(folder: string, file: string, needles: readonly Needle[]): Promise<Leak[]> {
  const overlap = Math.max(0, ...needles.map((needle) => needle.bytes.length)) - 1;
  const found = new Map<Needle, Leak>();
  let carried: Buffer = Buffer.alloc(0);
  let start = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: PIECE })) {
    const piece = Buffer.concat([carried, chunk]);
    for (const needle of needles) {
      const at = found.has(needle) ? -1 : piece.indexOf(needle.bytes);
      if (at < 0) continue;
      const { what, encoding } = needle;
      found.set(needle, { file: relative(folder, file), what, encoding, offset: start + at });
    }
    const kept = Math.min(overlap, piece.length);
    start += piece.length - kept;
    carried = piece.subarray(piece.length - kept);
  }
  return [...found.values()];
}

export function describeLeaks(leaks: readonly Leak[]): string {
  return leaks.map((leak) => `${leak.file}, byte ${leak.offset}: ${leak.what} (${leak.encoding})`).join('\n');
}
