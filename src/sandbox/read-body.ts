import type { IncomingMessage } from 'node:http';
import { InvalidData, Refusal } from './answer.ts';
import { BODY_TOO_LARGE, LARGEST_BODY_BYTES } from './inferred.ts';

/** The JSON body of a request, or `undefined` when there is none. Refuses what is too large or no JSON. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request, LARGEST_BODY_BYTES);
  if (text === '') return undefined;
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new InvalidData('content type should be application/json');
  }
  return parseJson(text);
}

/** The whole body as text, refused as soon as it passes `limit` bytes; the connection stays, to carry the refusal. */
export async function readText(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > limit) throw new Refusal(BODY_TOO_LARGE, `data should NOT be larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidData('data should be valid JSON');
  }
}
