import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';

/**
 * What the machine can do, for comparison: one of four bare servers on `node:http`, with no protocol, check, log or
 * limit. `references.ts constant FILE | echo | proxy ORIGIN PATH | pipe ORIGIN PATH`.
 */
const [kind = '', source = '', path = ''] = process.argv.slice(2);

type Handler = (body: Buffer, response: ServerResponse) => void;

function constant(): Handler {
  const bytes = readFileSync(source);
  const headers = ['content-type', 'application/json', 'content-length', String(bytes.length)];
  return (_body, response) => response.writeHead(200, headers).end(bytes);
}

function echo(): Handler {
  return (body, response) =>
    response.writeHead(200, ['content-type', 'application/json', 'content-length', String(body.length)]).end(body);
}

/** The upstream is asked with the headers that a request to Crisp needs, by whomever it is made. */
const crispHeaders = {
  authorization: `Basic ${Buffer.from('bench-identifier:bench-key').toString('base64')}`,
  'x-crisp-tier': 'website',
  'user-agent': 'bench-reference',
  accept: 'application/json',
};

/** Reads the whole answer and passes it on. */
function proxy(): Handler {
  const pool = new Pool(source, { connections: 64 });
  return async (_body, response) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers: crispHeaders });
    const text = await body.text();
    response
      .writeHead(statusCode, ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(text))])
      .end(text);
  };
}

/** Passes the answer on as it comes. */
function pipe(): Handler {
  const pool = new Pool(source, { connections: 64 });
  return async (_body, response) => {
    const { statusCode, headers, body } = await pool.request({ method: 'GET', path, headers: crispHeaders });
    const length = String(headers['content-length'] ?? '0');
    response.writeHead(statusCode, ['content-type', 'application/json', 'content-length', length]);
    body.pipe(response);
  };
}

const makers: Readonly<Record<string, () => Handler>> = { constant, echo, proxy, pipe };
const handler = makers[kind]?.();
if (handler === undefined) throw new Error(`there is no reference "${kind}"`);

function read(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [only] = chunks;
    done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  });
}

const server = createServer((request, response) => read(request, (body) => handler(body, response)));
server.listen(0, '127.0.0.1', () => process.send?.(server.address() ?? {}));
