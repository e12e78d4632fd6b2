import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Writes a tar stream (POSIX ustar, with a pax record where a path is too long for it) in which nothing depends on the
 * machine or the hour: entries sorted by path, owners as numbers, one time for all, parents before their children. The same
 * entries give the same bytes. Readers: container engines, which accept exactly this.
 */
export interface TarEntry {
  /** Absolute, without a slash at the end: `/app/dist/main.js`. Missing parent directories are made, mode 0755, root's. */
  readonly path: string;
  readonly content: TarContent;
  /** 0644 for files and 0755 for directories, unless told. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export type TarContent =
  | { readonly kind: 'directory' }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A file of this machine, read when its turn comes. */
  | { readonly kind: 'file'; readonly source: string };

const BLOCK = 512;
const TYPE_FILE = '0';
const TYPE_LINK = '2';
const TYPE_DIRECTORY = '5';
const TYPE_PAX = 'x';

export async function* tarStream(entries: readonly TarEntry[], epoch: number): AsyncGenerator<Buffer> {
  for (const entry of sortedWithParents(entries)) {
    const name = entry.path.slice(1) + (entry.content.kind === 'directory' ? '/' : '');
    const size = await sizeOf(entry.content);
    yield header(name, size, entry, epoch);
    yield* body(entry, size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function sortedWithParents(entries: readonly TarEntry[]): TarEntry[] {
  const byPath = new Map<string, TarEntry>();
  for (const entry of entries) {
    if (!/^(\/[^/]+)+$/.test(entry.path)) throw new Error(`not an absolute path in a layer: ${entry.path}`);
    if (byPath.has(entry.path)) throw new Error(`twice in one layer: ${entry.path}`);
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      if (!byPath.has(parent)) byPath.set(parent, { path: parent, content: { kind: 'directory' } });
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function sizeOf(content: TarContent): Promise<number> {
  if (content.kind === 'text') return Buffer.byteLength(content.text);
  return content.kind === 'file' ? (await stat(content.source)).size : 0;
}

function header(name: string, size: number, entry: TarEntry, epoch: number): Buffer {
  const target = entry.content.kind === 'link' ? entry.content.target : '';
  const common = { uid: entry.uid ?? 0, gid: entry.gid ?? 0, epoch };
  const type = { directory: TYPE_DIRECTORY, link: TYPE_LINK, text: TYPE_FILE, file: TYPE_FILE }[entry.content.kind];
  const mode = entry.mode ?? { directory: 0o755, link: 0o777, text: 0o644, file: 0o644 }[entry.content.kind];
  const own = (short: string): Buffer => ustarBlock({ ...common, name: short, size, mode, type, target });
  if (Buffer.byteLength(target) > 100) throw new Error(`a link's target is too long for tar: ${target}`);
  if (Buffer.byteLength(name) <= 100) return own(name);
  const record = paxRecord('path', name);
  const pax = ustarBlock({ ...common, name: 'pax', size: record.length, mode: 0o644, type: TYPE_PAX, target: '' });
  return Buffer.concat([pax, padded(record), own('see-the-pax-record')]);
}

interface BlockFields {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  epoch: number;
  type: string;
  target: string;
}

function ustarBlock(fields: BlockFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  block.write(fields.name, 0, 100, 'utf8');
  octal(fields.mode, 100, 8);
  octal(fields.uid, 108, 8);
  octal(fields.gid, 116, 8);
  octal(fields.size, 124, 12);
  octal(fields.epoch, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(fields.type, 156, 'latin1');
  block.write(fields.target, 157, 100, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** `<length> path=<name>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length) {
    length = String(length).length + Buffer.byteLength(rest);
  }
  return Buffer.from(`${length}${rest}`);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(paddingOf(data.length))]);
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

async function* body({ path, content }: TarEntry, size: number): AsyncGenerator<Buffer> {
  if (content.kind === 'directory' || content.kind === 'link') return;
  if (content.kind === 'text') {
    yield padded(Buffer.from(content.text));
    return;
  }
  let read = 0;
  for await (const chunk of createReadStream(content.source, { highWaterMark: 1 << 20 })) {
    if (!Buffer.isBuffer(chunk)) throw new Error('a file is read as bytes');
    read += chunk.length;
    yield chunk;
  }
  if (read !== size) throw new Error(`${content.source} changed while it was read into ${path}`);
  yield Buffer.alloc(paddingOf(size));
}
