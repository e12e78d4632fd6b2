import type { Tier } from '../catalog/tool.ts';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { seededRandom } from '../process/random.ts';
import { isFields } from './merge.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

/**
 * What the tests of this folder share: a sandbox on a fake clock and a plain client that shows an answer as
 * `{ status, reason, data }`. Paths are below the seeded website unless they start with `/v1`.
 */
export interface Shown {
  readonly status: number;
  readonly reason: unknown;
  readonly data: unknown;
}

export type Send = (method: string, path: string, body?: unknown) => Promise<Shown>;

export interface Bench extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  /** A client of the given tier. */
  as(tier: Tier): Send;
}

export async function sandboxBench(options: Partial<SandboxOptions> = {}): Promise<Bench> {
  const clock = new FakeClock('2026-11-24T09:00:00Z');
  const sandbox = await startSandbox({ clock, random: seededRandom(7), logger: silentLogger, ...options });
  return {
    sandbox,
    clock,
    as: (tier) => (method, path, body) => send(sandbox, tier, method, path, body),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

async function send(sandbox: Sandbox, tier: Tier, method: string, path: string, body: unknown): Promise<Shown> {
  const url = path.startsWith('/v1')
    ? `${sandbox.url}${path}`
    : `${sandbox.url}/v1/website/${sandbox.websiteId}${path}`;
  const response = await fetch(url, {
    method,
    headers: { ...authorization(sandbox, tier), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const envelope: unknown = text === '' ? {} : JSON.parse(text);
  if (!isFields(envelope)) throw new Error(`no envelope: ${text}`);
  return { status: response.status, reason: envelope.reason, data: envelope.data };
}

export function authorization(sandbox: Sandbox, tier: Tier): Record<string, string> {
  const { identifier, key } = sandbox.credentials[tier];
  return { authorization: `Basic ${Buffer.from(`${identifier}:${key}`).toString('base64')}`, 'x-crisp-tier': tier };
}

/** A member of the data of an answer; `undefined` when there is none. */
export function member(data: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    data,
  );
}

/** The given member of every item of a list. */
export function members(data: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  if (!Array.isArray(data)) throw new Error('expected a list');
  return data.map((item: unknown) => member(item, ...path));
}
