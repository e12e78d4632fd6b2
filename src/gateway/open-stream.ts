import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

/** A client of server-sent events that hides nothing. For tests. */
export interface OpenStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Events so far, as `{ type, data }`; comments have the type `comment`. */
  readonly events: readonly StreamEvent[];
  /** The first event that satisfies, now or later; rejects when the stream closes without one. */
  next(satisfies: (event: StreamEvent) => boolean): Promise<StreamEvent>;
  /** Resolves when the stream has closed, whoever closed it. */
  readonly closed: Promise<void>;
  close(): void;
}

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

export interface OpenStreamOptions {
  port: number;
  path: string;
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

export function openStream({
  port,
  path,
  method = 'POST',
  headers = {},
  body,
}: OpenStreamOptions): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const target = { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false };
    const request = httpRequest(target, (response) => {
      const events: StreamEvent[] = [];
      const waiting = new Set<() => void>();
      const { promise: closed, resolve: close } = Promise.withResolvers<void>();
      let text = '';
      let ended = false;
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        events.push(...blocks.map(eventOf));
        for (const look of [...waiting]) look();
      });
      response.on('error', () => undefined);
      response.on('close', () => {
        ended = true;
        for (const look of [...waiting]) look();
        close();
      });
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        closed,
        close: () => request.destroy(),
        next: (satisfies) =>
          new Promise((found, missed) => {
            const look = () => {
              const event = events.find(satisfies);
              if (event === undefined && !ended) return;
              waiting.delete(look);
              if (event === undefined) missed(new Error(`the stream closed after ${JSON.stringify(events)}`));
              else found(event);
            };
            waiting.add(look);
            look();
          }),
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function eventOf(block: string): StreamEvent {
  if (block.startsWith(':')) return { type: 'comment', data: block.slice(1).trim() };
  const lines = block.split('\n');
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  return { type: field('event'), data: field('data') };
}
