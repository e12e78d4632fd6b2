import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Secret, secretType } from './core-types.ts';
import type { WatchEvent } from './object-api.ts';
import { decodeWatch } from './watch-decoder.ts';

async function decode(chunks: readonly Uint8Array[]): Promise<WatchEvent<Secret>[]> {
  async function* stream() {
    yield* chunks;
  }
  const events: WatchEvent<Secret>[] = [];
  for await (const event of decodeWatch(secretType, stream())) events.push(event);
  return events;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const secret = (name: string): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
const line = (event: object): string => `${JSON.stringify(event)}\n`;

test('events survive any cut of the stream, also within a character', async () => {
  const events = [
    { type: 'ADDED', object: secret('a') },
    { type: 'MODIFIED', object: { ...secret('b'), data: { text: 'ä漢🎉' } } },
    { type: 'DELETED', object: secret('a') },
  ];
  const whole = bytes(events.map(line).join(''));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: whole.length })), async (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const chunks = edges.slice(1).map((end, index) => whole.subarray(edges[index], end));
      expect(await decode(chunks)).toEqual(events);
    }),
  );
});

test('bookmarks carry their version; metadata-only objects get the name of their kind', async () => {
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } };
  const bookmark = { type: 'BOOKMARK', object: { kind: 'Secret', metadata: { resourceVersion: '12' } } };
  expect(await decode([bytes(line({ type: 'ADDED', object: partial }) + line(bookmark))])).toEqual([
    { type: 'ADDED', object: secret('a') },
    { type: 'BOOKMARK', resourceVersion: '12' },
  ]);
});

test.each([
  [410, 'Expired'],
  [500, 'InternalError'],
  [429, 'TooManyRequests'],
])('an ERROR event with code %i is thrown as %s', async (code, reason) => {
  const status = { kind: 'Status', code, message: 'too old resource version: 1 (5)' };
  await expect(decode([bytes(line({ type: 'ERROR', object: status }))])).rejects.toMatchObject({
    reason,
    status: code,
    message: 'too old resource version: 1 (5)',
  });
});

test.each([
  ['a stream that ends within an event', '{"type":"ADDED","obj'],
  ['a line that is not JSON', 'Bad Gateway\n'],
  ['an event without an object', '{"type":"ADDED"}\n'],
  ['an object without a name', '{"type":"ADDED","object":{"metadata":{}}}\n'],
])('%s is Unreachable, and the message quotes nothing of it', async (_, text) => {
  const failed = await decode([bytes(text)]).catch((error: Error) => error);
  expect(failed).toMatchObject({ reason: 'Unreachable', status: 0 });
  expect(String(failed)).not.toContain(text.slice(0, 12));
});

test('an event without end is refused before it fills the memory', async () => {
  const chunk = Buffer.alloc(2 ** 20, 'x');
  await expect(decode(Array.from({ length: 20 }, () => chunk))).rejects.toThrow('longer than');
});
