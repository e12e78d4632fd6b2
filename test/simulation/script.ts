import { withApiTokens } from './api-token-script.ts';
import { Chance } from './chance.ts';
import type { Action } from './deeds.ts';
import { drawServerScript } from './server-script.ts';

/** The share of runs in which servers ask for API tokens. */
const WITH_API_TOKENS = 0.5;

/** What happens in the run of a seed. The luck of calls and timings comes from other streams of it. */
export function scriptOf(seed: number): Action[] {
  const script = drawServerScript(new Chance(seed));
  const second = new Chance(seed ^ 0x2545f491);
  return second.happens(WITH_API_TOKENS) ? withApiTokens(script, second) : script;
}
