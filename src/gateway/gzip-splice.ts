import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

/**
 * One gzip member made of a long part compressed beforehand and a short part appended for free. The long part is deflated
 * and flushed to a byte boundary; the short one follows as a final stored block (RFC 1951, 3.2.4), and checksum and
 * length are extended over it (RFC 1952). So a shared answer is compressed once although every copy ends differently.
 */
export interface CompressedPrefix {
  /** Gzip header and flushed deflate blocks. */
  readonly bytes: Buffer;
  readonly crc: number;
  readonly plainLength: number;
}

/** The most a stored block holds. */
export const LONGEST_TAIL = 0xffff;

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const deflateOnThreadPool = promisify(deflateRaw);

export async function compressPrefix(plain: Buffer): Promise<CompressedPrefix> {
  const blocks = await deflateOnThreadPool(plain, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  return { bytes: Buffer.concat([GZIP_HEADER, blocks]), crc: crc32(plain), plainLength: plain.length };
}

/** Everything that follows the prefix: the stored block with `tail`, then checksum and length of the whole. */
export function gzipTail(prefix: CompressedPrefix, tail: Buffer): Buffer {
  const end = Buffer.allocUnsafe(5 + tail.length + 8);
  end[0] = 1;
  end.writeUInt16LE(tail.length, 1);
  end.writeUInt16LE(tail.length ^ 0xffff, 3);
  tail.copy(end, 5);
  end.writeUInt32LE(crc32(tail, prefix.crc), 5 + tail.length);
  end.writeUInt32LE((prefix.plainLength + tail.length) >>> 0, 9 + tail.length);
  return end;
}
