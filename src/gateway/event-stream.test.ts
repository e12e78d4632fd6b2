import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { eventStream } from './event-stream.ts';

/** A response that is under way, and the socket of a client that reads only when told. */
async function openResponse() {
  const arrived = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    arrived.resolve(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect(port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
  client.on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  return { response: await arrived.promise, client };
}

test('a client that does not read is cut off before much waits for it', async () => {
  const { response, client } = await openResponse();
  client.pause();
  const stream = eventStream(response);
  const closed = new Promise<void>((resolve) => stream.onClosed(resolve));
  let most = 0;
  // The kernel takes some megabytes before anything waits.
  for (let sent = 0; sent < 200_000 && !response.destroyed; sent++) {
    stream.message('x'.repeat(1_000));
    most = Math.max(most, response.writableLength);
    if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  expect(response.destroyed).toBe(true);
  expect(most).toBeLessThan(300 * 1_024);
});

test('after its end, whoever ended it, sending does nothing', async () => {
  const { response, client } = await openResponse();
  const stream = eventStream(response);
  const closed = new Promise<void>((resolve) => stream.onClosed(resolve));
  stream.message('{}');
  client.destroy();
  await closed;
  const before = stream.bytes;
  stream.message('{}');
  stream.comment('late');
  stream.end();
  expect(stream.bytes).toBe(before);
  let told = false;
  stream.onClosed(() => {
    told = true;
  });
  expect(told).toBe(true);
});
