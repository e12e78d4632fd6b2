import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../process/clock.ts';
import { systemRandom } from '../../process/random.ts';
import { probe } from './probe-command.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const parts = { clock: systemClock, random: systemRandom };
const UNKNOWN = '{"jsonrpc":"2.0","id":null,"error":{"code":404,"message":"unknown"}}';

test('a gateway that knows no such URL serves, and it is waited for', async () => {
  const answers = [503, 404];
  const url = await listening(() => ({ status: answers.shift() ?? 404, text: UNKNOWN }));
  await probe(url, { ...parts, timeoutMs: 60_000 });
  expect(answers).toEqual([]);
});

test('what is wrong is said: the answer of a gateway without a store, and of what is no gateway', async () => {
  const unready = await listening(() => ({ status: 503, text: 'The route store is not verified.' }));
  await expect(probe(unready, { ...parts, timeoutMs: 0 })).rejects.toThrow(/does not serve.*503.*not verified/);
  const other = await listening(() => ({ status: 404, text: '<h1>nginx</h1>' }));
  await expect(probe(other, { ...parts, timeoutMs: 0 })).rejects.toThrow(/404.*nginx/);
});

test('nobody there is said too', async () => {
  await expect(probe('http://127.0.0.1:1', { ...parts, timeoutMs: 0 })).rejects.toThrow(/cannot be reached/);
});

async function listening(answer: () => { status: number; text: string }): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, text } = answer();
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `http://127.0.0.1:${address.port}`;
}
