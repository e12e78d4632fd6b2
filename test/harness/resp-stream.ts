/**
 * Cuts a stream of RESP2 into whole messages: commands of a client (arrays of bulk strings) and replies of a server, each
 * with the bytes it came in, so that a proxy can pass on exactly those. Pieces may end anywhere, several messages may
 * come at once. Inline commands are refused: no client library sends them.
 */
export type RespValue = string | number | null | RespError | readonly RespValue[];

export interface RespError {
  readonly error: string;
}

export interface RespMessage {
  readonly value: RespValue;
  readonly bytes: Buffer;
}

export class RespStream {
  #buffered: Buffer = Buffer.alloc(0);

  /** The messages that are complete now. Throws on what is not RESP. */
  push(piece: Buffer): RespMessage[] {
    this.#buffered = this.#buffered.length === 0 ? piece : Buffer.concat([this.#buffered, piece]);
    const messages: RespMessage[] = [];
    let start = 0;
    for (;;) {
      const parsed = parse(this.#buffered, start);
      if (parsed === undefined) break;
      messages.push({ value: parsed.value, bytes: this.#buffered.subarray(start, parsed.end) });
      start = parsed.end;
    }
    this.#buffered = this.#buffered.subarray(start);
    return messages;
  }
}

interface Parsed {
  readonly value: RespValue;
  readonly end: number;
}

/** `undefined` when the message goes on beyond what is there. */
function parse(bytes: Buffer, start: number): Parsed | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const type = String.fromCharCode(bytes[start] ?? 0);
  const line = bytes.toString('utf8', start + 1, lineEnd);
  const next = lineEnd + 2;
  switch (type) {
    case '+':
      return { value: line, end: next };
    case '-':
      return { value: { error: line }, end: next };
    case ':':
      return { value: Number(line), end: next };
    case '$':
      return parseBulk(bytes, next, Number(line));
    case '*':
      return parseArray(bytes, next, Number(line));
    default:
      throw new Error(`not RESP2: a message begins with ${JSON.stringify(type)}`);
  }
}

function parseBulk(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { value: null, end: start };
  const end = start + length + 2;
  if (bytes.length < end) return undefined;
  return { value: bytes.toString('utf8', start, start + length), end };
}

function parseArray(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { value: null, end: start };
  const items: RespValue[] = [];
  let end = start;
  for (let index = 0; index < length; index += 1) {
    const item = parse(bytes, end);
    if (item === undefined) return undefined;
    items.push(item.value);
    end = item.end;
  }
  return { value: items, end };
}
