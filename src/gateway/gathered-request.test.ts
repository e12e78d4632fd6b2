import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../test/harness/eventually.ts';
import { FakeClock } from '../process/clock.ts';
import { type Body, GatheredRequest } from './gathered-request.ts';

const LIMIT = 100_000;
const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\n';
const clock = new FakeClock();

let server: Server;
let client: Socket;
let arrived: { request: GatheredRequest; respond: (text: string) => void }[];

beforeEach(async () => {
  arrived = [];
  server = createServer({ IncomingMessage: GatheredRequest }, (request, response) => {
    arrived.push({ request, respond: (text) => response.end(text) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  await once(client, 'connect');
});

afterEach(() => {
  client.destroy();
  server.close();
});

async function requestAt(index: number) {
  return eventually(
    () => {
      const found = arrived[index];
      if (found === undefined) throw new Error('not yet');
      return found;
    },
    { what: 'the request having arrived' },
  );
}

/** All that `settle` is called with. */
function gather(request: GatheredRequest): Body[] {
  const settled: Body[] = [];
  request.gather(LIMIT, clock, (body) => settled.push(body));
  return settled;
}

function settledOnce(settled: readonly Body[]): Promise<Body> {
  return eventually(
    () => {
      expect(settled).toHaveLength(1);
      return settled[0] as Body;
    },
    { what: 'the body being settled' },
  );
}

describe('a body', () => {
  test('that came with the head is there at once', async () => {
    client.write(`${HEAD}content-length: 5\r\n\r\nhello`);
    const { request } = await requestAt(0);
    await eventually(() => expect(request.complete).toBe(true), { what: 'the whole request' });
    expect(gather(request)).toEqual([{ kind: 'read', bytes: Buffer.from('hello') }]);
  });

  test('in pieces is put together, and nothing is settled before its end', async () => {
    client.write(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    const { request } = await requestAt(0);
    const settled = gather(request);
    client.write('1\r\n,\r\n');
    await eventually(() => expect(request.complete).toBe(false), { what: 'it being under way' });
    expect(settled).toEqual([]);
    client.write('6\r\n world\r\n0\r\n\r\n');
    expect(await settledOnce(settled)).toEqual({ kind: 'read', bytes: Buffer.from('hello, world') });
  });

  test('that is missing is empty', async () => {
    client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    const { request } = await requestAt(0);
    expect(await settledOnce(gather(request))).toEqual({ kind: 'read', bytes: Buffer.alloc(0) });
  });

  test('of a client that goes is aborted, once', async () => {
    client.write(`${HEAD}content-length: 5\r\n\r\nhe`);
    const { request } = await requestAt(0);
    const settled = gather(request);
    client.destroy();
    expect(await settledOnce(settled)).toEqual({ kind: 'aborted' });
    expect(gather(request)).toEqual([{ kind: 'aborted' }]);
  });

  test('above the limit is too large once four times as much has come', async () => {
    client.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const { request } = await requestAt(0);
    const settled = gather(request);
    const piece = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
    for (let count = 0; count < 9; count++) client.write(piece);
    expect(await settledOnce(settled)).toEqual({ kind: 'too-large' });
  });

  test('that says it is above the limit is too large after a moment, whatever comes of it', async () => {
    client.write(`${HEAD}content-length: ${LIMIT + 1}\r\n\r\nx`);
    const { request } = await requestAt(0);
    const settled = gather(request);
    clock.advance(999);
    expect(settled).toEqual([]);
    clock.advance(1);
    expect(settled).toEqual([{ kind: 'too-large' }]);
  });
});

describe('a body that nobody asks for', () => {
  const MUCH = 64 * 2 ** 20;

  test('is taken in by little, and goes on when it is asked for', async () => {
    client.write(`${HEAD}content-length: ${MUCH}\r\n\r\n`);
    client.write(Buffer.alloc(MUCH));
    const { request } = await requestAt(0);
    await eventually(() => expect(request.socket.isPaused()).toBe(true), { what: 'the connection being paused' });
    expect(request.socket.bytesRead).toBeLessThan(2 ** 20);
    const settled = gather(request);
    expect(
      await settledOnce(settled)
        .then(({ kind }) => kind)
        .catch(String),
    ).toBe('too-large');
  });

  test('is thrown away after the answer, and the next request on the connection is served', async () => {
    client.write(`${HEAD}content-length: ${MUCH}\r\n\r\n`);
    client.write(Buffer.alloc(MUCH));
    client.write(`${HEAD}content-length: 2\r\n\r\nhi`);
    client.resume();
    const first = await requestAt(0);
    await eventually(() => expect(first.request.socket.isPaused()).toBe(true), { what: 'the connection being paused' });
    first.respond('no');
    const { request } = await requestAt(1);
    expect(await settledOnce(gather(request))).toEqual({ kind: 'read', bytes: Buffer.from('hi') });
  });
});
