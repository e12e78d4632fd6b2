import { createServer } from 'node:net';
import { CONVERSATION_PATH, envelope } from './workload.ts';

/**
 * Stands for Crisp, as cheaply as can be: for each request a constant envelope, 1 KB for a conversation and 19 KB for
 * anything else, after as many milliseconds as its argument says. On bare sockets, since everyone who is measured waits for it; it takes requests without a body only.
 */
const delay = Number(process.argv[2] ?? 0);
const small = answer(envelope(1_024));
const large = answer(envelope(19 * 1_024));

function answer(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const server = createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (part) => {
    text += String(part);
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const reply = text.slice(0, end).includes(CONVERSATION_PATH) ? small : large;
      if (delay === 0) socket.write(reply);
      else setTimeout(() => socket.write(reply), delay);
      text = text.slice(end + 4);
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address() ?? {}));
