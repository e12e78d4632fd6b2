import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from './listener.ts';

const AMPLE = 60_000;

function ask(port: number): Socket {
  const socket = connect(port, '127.0.0.1').resume();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  return socket;
}

/** However it ends: a reset is an end too. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {}).once('close', () => resolve());
  });
}

test('it tells where it listens, and a port in use is an error', async () => {
  const listener = await listen(createServer(), '127.0.0.1', 0);
  onTestFinished(() => listener.close(0));
  expect(listener.port).toBeGreaterThan(0);
  expect(listener.url).toBe(`http://127.0.0.1:${listener.port}`);
  await expect(listen(createServer(), '127.0.0.1', listener.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('an idle connection does not hold up its end', async () => {
  const listener = await listen(
    createServer((_request, response) => response.end()),
    '127.0.0.1',
    0,
  );
  const socket = ask(listener.port);
  const closed = ended(socket);
  await once(socket, 'data');
  await listener.close(AMPLE);
  await closed;
});

test('a request that never ends is cut when the time is over', async () => {
  const server = createServer();
  const listener = await listen(server, '127.0.0.1', 0);
  const asked = once(server, 'request');
  const closed = ended(ask(listener.port));
  await asked;
  await listener.close(50);
  await closed;
});
