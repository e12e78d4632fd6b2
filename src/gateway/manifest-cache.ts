import { LRUCache } from 'lru-cache';
import type { Tool } from '../catalog/tool.ts';
import { type CompressedPrefix, compressPrefix } from './gzip-splice.ts';
import { type Era, SERVER_INFO_META } from './protocol-era.ts';

/**
 * The `tools/list` answers as bytes. Built once for each set of tools and era and shared by all tenants; only the tail
 * with `ttlMs` and the request's id differs between two answers, so it comes last and is made per request. Gzip is made
 * on the thread pool; until it is ready, plain bytes are sent. Bounded by bytes: the least used goes first.
 */
export interface Manifest {
  /** All of the answer but its tail. */
  readonly plain: Buffer;
  /** The same, compressed, once ready. */
  readonly gzip: CompressedPrefix | undefined;
}

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
/** Shorter answers are not worth compressing. */
const MIN_GZIP = 1_024;

export class ManifestCache {
  readonly #serverInfo: ServerInfo;
  readonly #manifests: LRUCache<string, Manifest>;
  readonly #toolTexts = new WeakMap<Tool, string>();
  #built = 0;

  constructor(options: { serverInfo: ServerInfo; maxBytes?: number }) {
    this.#serverInfo = options.serverInfo;
    this.#manifests = new LRUCache({
      maxSize: options.maxBytes ?? DEFAULT_MAX_BYTES,
      sizeCalculation: (manifest) => manifest.plain.length + (manifest.gzip?.bytes.length ?? 0),
    });
  }

  /** `key` stands for the set of tools; `tools` is read only when the manifest has to be built. */
  get(key: string, era: Era, tools: readonly Tool[]): Manifest {
    const fullKey = era === 'modern' ? `m:${key}` : `l:${key}`;
    return this.#manifests.get(fullKey) ?? this.#build(fullKey, era, tools);
  }

  get bytes(): number {
    return this.#manifests.calculatedSize;
  }

  get size(): number {
    return this.#manifests.size;
  }

  /** How many manifests were ever built; stands still when the cache works. */
  get built(): number {
    return this.#built;
  }

  #build(key: string, era: Era, tools: readonly Tool[]): Manifest {
    this.#built++;
    const list = tools.map((tool) => this.#textOf(tool)).join(',');
    const meta = JSON.stringify({ [SERVER_INFO_META]: this.#serverInfo });
    const extra = era === 'modern' ? `"resultType":"complete","cacheScope":"private","_meta":${meta},` : '';
    const plain = Buffer.from(`{"jsonrpc":"2.0","result":{${extra}"tools":[${list}]`);
    const manifest = { plain, gzip: undefined };
    this.#manifests.set(key, manifest);
    if (plain.length >= MIN_GZIP) void this.#compress(key, manifest);
    return manifest;
  }

  async #compress(key: string, manifest: Manifest): Promise<void> {
    const gzip = await compressPrefix(manifest.plain).catch(() => undefined);
    if (gzip !== undefined && this.#manifests.peek(key) === manifest) {
      this.#manifests.set(key, { plain: manifest.plain, gzip });
    }
  }

  #textOf(tool: Tool): string {
    const known = this.#toolTexts.get(tool);
    if (known !== undefined) return known;
    const { name, title, description, inputSchema, annotations } = tool;
    const text = JSON.stringify({ name, title, description, inputSchema, annotations });
    this.#toolTexts.set(tool, text);
    return text;
  }
}

/** What follows a manifest's bytes; `ttlMs` is sent to modern clients only. */
export function manifestTail(era: Era, id: string | number, ttlMs: number): string {
  const ttl = era === 'modern' ? `,"ttlMs":${ttlMs}` : '';
  return `${ttl}},"id":${JSON.stringify(id)}}`;
}
