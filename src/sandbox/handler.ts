import type { Tier } from '../catalog/tool.ts';
import type { Answer } from './answer.ts';
import type { SandboxState } from './state.ts';
import type { Website } from './website.ts';

/**
 * The behaviour of one Crisp operation: a function from the call and the state to an answer. By the time it runs, the
 * credential, the tier and the website have been checked. Handlers are registered in `families/` by operation id; adding
 * a route's behaviour is one entry there.
 */
export interface Call {
  readonly state: SandboxState;
  /** The website of the path; for routes without one, the seeded website. */
  readonly website: Website;
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly tier: Tier;
  /** Wall clock of the request, milliseconds since the epoch. */
  readonly now: number;
}

export type Handler = (call: Call) => Answer;
export type Handlers = Readonly<Record<string, Handler>>;

/** A parameter that the operation's path template names. */
export function param(call: Call, name: string): string {
  const value = call.params.get(name);
  if (value === undefined) throw new Error(`the path template has no {${name}}; the handler expects one`);
  return value;
}
