import { connect, type Socket } from 'node:net';

/**
 * The load generator, a process of its own: a closed loop over a number of keep-alive connections. Requests are bytes
 * made beforehand and answers are only measured for their length, because a generator that works as hard as the server
 * measures itself. It reads the framing by `content-length`, or of chunks by the last one.
 */
export interface LoadOrder {
  readonly port: number;
  /** Taken in turn by the requests of all connections. */
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly until: { readonly milliseconds: number } | { readonly requests: number };
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const READ_SIZE = 512 * 1024;
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function run(order: LoadOrder): Promise<LoadResult> {
  const requests = order.paths.map((path) => requestBytes(path, order));
  const most = 'requests' in order.until ? order.until.requests : Number.POSITIVE_INFINITY;
  const latencies: number[] = [];
  let sent = 0;
  let failures = 0;
  let firstFailure = '';
  let bytes = 0;
  let open = order.connections;
  const started = performance.now();
  const end = 'milliseconds' in order.until ? started + order.until.milliseconds : Number.POSITIVE_INFINITY;
  const fail = (what: string) => {
    failures++;
    if (firstFailure === '') firstFailure = what;
  };

  return new Promise((resolve) => {
    const finish = () => {
      if (--open > 0) return;
      const seconds = (performance.now() - started) / 1_000;
      latencies.sort((a, b) => a - b);
      const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
      const count = latencies.length;
      resolve({ requests: count, failures, firstFailure, bytes, seconds, p50Ms: at(0.5), p99Ms: at(0.99) });
    };
    for (let index = 0; index < order.connections; index++) openConnection(finish);
  });

  function openConnection(finish: () => void): void {
    let left = -1;
    let ending: Buffer = LAST_CHUNK;
    let head: Buffer | undefined;
    let began = 0;
    const next = (socket: Socket) => {
      if (performance.now() >= end || sent >= most) {
        socket.destroy();
        return;
      }
      began = performance.now();
      const request = requests[sent++ % requests.length];
      if (request !== undefined) socket.write(request);
    };
    const answered = (socket: Socket) => {
      left = -1;
      latencies.push(performance.now() - began);
      next(socket);
    };
    const read = (socket: Socket, part: Buffer): void => {
      bytes += part.length;
      if (left >= 0) {
        left -= part.length;
        if (left <= 0) answered(socket);
        return;
      }
      if (left === CHUNKED) {
        ending = Buffer.concat([ending, part]).subarray(-LAST_CHUNK.length);
        if (ending.equals(LAST_CHUNK)) answered(socket);
        return;
      }
      const text: Buffer = head === undefined ? part : Buffer.concat([head, part]);
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) {
        head = Buffer.from(text);
        return;
      }
      head = undefined;
      const lines = text.toString('latin1', 0, headEnd);
      if (lines.slice(9, 12) !== '200') fail(text.toString('utf8').slice(0, 600));
      const length = /\r\ncontent-length: *(\d+)/i.exec(lines)?.[1];
      if (length === undefined) {
        ending = Buffer.from(text.subarray(headEnd + 4).subarray(-LAST_CHUNK.length));
        left = CHUNKED;
        if (ending.equals(LAST_CHUNK)) answered(socket);
        return;
      }
      left = Number(length) - (text.length - headEnd - 4);
      if (left <= 0) answered(socket);
    };
    const socket: Socket = connect({
      port: order.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(READ_SIZE),
        callback: (length, buffer) => {
          read(socket, Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    socket.on('connect', () => next(socket));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', finish);
  }
}

const CHUNKED = -2;

function requestBytes(path: string, { headers, body }: LoadOrder): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}content-length: ${length}\r\n\r\n${body}`,
  );
}

process.on('message', async (message: { id: number; order?: LoadOrder }) => {
  if (message.order !== undefined) process.send?.({ id: message.id, answer: await run(message.order) });
});
process.channel?.ref();
