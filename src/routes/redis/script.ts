import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/**
 * A Lua script from the folder `lua/`, loaded by name, with `fence.lua` in front. It is called by its digest and sent in
 * full when the server does not know it (first use, SCRIPT FLUSH, another server), so it needs no right to load scripts.
 * Every script answers with a list that begins with an outcome.
 */
export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

export type ScriptReply = readonly [outcome: string, ...values: unknown[]];

export class Script {
  readonly #text: string;
  readonly #digest: string;

  constructor(name: string) {
    this.#text = `${source('fence')}\n${source(name)}`;
    this.#digest = createHash('sha1').update(this.#text).digest('hex');
  }

  async run(client: Redis, { keys, args }: ScriptCall): Promise<ScriptReply> {
    try {
      return toReply(await client.evalsha(this.#digest, keys.length, ...keys, ...args));
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return toReply(await client.eval(this.#text, keys.length, ...keys, ...args));
    }
  }

  /** All calls in one pipeline. Rejects with the first error, after all have been answered. */
  async runAll(client: Redis, calls: readonly ScriptCall[]): Promise<ScriptReply[]> {
    const [first, ...others] = calls;
    if (first === undefined) return [];
    // The first goes alone, so that the rest may rely on the script being known.
    const replies = [await this.run(client, first)];
    const pipeline = client.pipeline();
    for (const { keys, args } of others) pipeline.evalsha(this.#digest, keys.length, ...keys, ...args);
    const results = (await pipeline.exec()) ?? [];
    for (const [index, [error, value]] of results.entries()) {
      const call = others[index];
      if (error !== null && isUnknownScript(error) && call !== undefined) replies.push(await this.run(client, call));
      else if (error !== null) throw error;
      else replies.push(toReply(value));
    }
    return replies;
  }
}

function source(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function toReply(value: unknown): ScriptReply {
  if (Array.isArray(value) && typeof value[0] === 'string') return [value[0], ...value.slice(1)];
  throw new Error('a script of the route store gave an answer of an unknown form');
}
