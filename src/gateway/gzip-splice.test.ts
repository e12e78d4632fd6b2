import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compressPrefix, gzipTail, LONGEST_TAIL } from './gzip-splice.ts';

test('prefix and tail unzip to just their bytes, whatever they are', async () => {
  const bytes = fc.uint8Array({ maxLength: 5_000 });
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (start, end) => {
      const prefix = await compressPrefix(Buffer.from(start));
      const whole = Buffer.concat([prefix.bytes, gzipTail(prefix, Buffer.from(end))]);
      expect(gunzipSync(whole).equals(Buffer.concat([start, end]))).toBe(true);
    }),
  );
});

test('one prefix serves many tails, up to the longest', async () => {
  const prefix = await compressPrefix(Buffer.from('x'.repeat(10_000)));
  for (const length of [0, 1, LONGEST_TAIL]) {
    const whole = Buffer.concat([prefix.bytes, gzipTail(prefix, Buffer.alloc(length, 'y'))]);
    expect(gunzipSync(whole).toString()).toBe('x'.repeat(10_000) + 'y'.repeat(length));
  }
});
