import { apiVersionOf, type KubernetesObject, type ResourceType } from '../resources/object.ts';
import { apiErrorOfStatus } from './api-status.ts';
import { ApiError, type WatchEvent } from './object-api.ts';
import { isOfType, isRecord } from './object-guard.ts';

/**
 * Reads a watch: JSON documents, one a line, in chunks cut anywhere, also within a character. An `ERROR` event becomes
 * the ApiError it stands for; a stream that ends within a line was cut and is `Unreachable`.
 */
export async function* decodeWatch<T extends KubernetesObject>(
  type: ResourceType<T>,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent<T>, void, void> {
  for await (const line of lines(chunks)) {
    const event = decodeLine(type, line);
    if (event !== undefined) yield event;
  }
}

/** etcd takes objects of 1.5 MB by default; more than this is no watch event. */
const LONGEST_LINE = 16 * 2 ** 20;
const LINE_FEED = 0x0a;

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  let pending: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      [pending, length, start] = [[], 0, end + 1];
      if (line.trim() !== '') yield line;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > LONGEST_LINE) throw broken(`an event is longer than ${LONGEST_LINE} bytes`);
  }
  if (length > 0) throw broken('the stream ended within an event');
}

function decodeLine<T extends KubernetesObject>(type: ResourceType<T>, line: string): WatchEvent<T> | undefined {
  const event = parse(line);
  const object = isRecord(event) ? event.object : undefined;
  if (!isRecord(event) || !isRecord(object)) throw broken('a line is not an event');
  if (event.type === 'ERROR') throw apiErrorOfStatus(object);
  if (event.type === 'BOOKMARK') {
    const version = isRecord(object.metadata) ? object.metadata.resourceVersion : undefined;
    if (typeof version !== 'string') throw broken('a bookmark has no resourceVersion');
    return { type: 'BOOKMARK', resourceVersion: version };
  }
  if (event.type !== 'ADDED' && event.type !== 'MODIFIED' && event.type !== 'DELETED') return undefined;
  // Metadata-only watches say PartialObjectMetadata; what is meant is the kind that was asked for.
  const named: unknown = { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
  if (!isOfType(type, named)) throw broken(`an event holds no ${type.kind}`);
  return { type: event.type, object: named };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw broken('a line is not JSON', cause);
  }
}

function broken(what: string, cause?: unknown): ApiError {
  return new ApiError({ reason: 'Unreachable', status: 0, message: `The watch is broken: ${what}.`, cause });
}
