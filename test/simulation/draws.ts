import type { Chance } from './chance.ts';
import type { Action, Deed } from './deeds.ts';

/** What all scripts draw in the same way: when somebody does something, and when what he makes ends. */
/** Edits that meet a call under way are where stale knowledge shows. */
export function drawTiming(deed: Deed, thenWaitMs: number, chance: Chance): Action {
  const meetsCall = /Server|Token|Secret|Credential|Account/.test(deed.do) && chance.happens(0.3);
  return meetsCall ? { ...deed, thenWaitMs, afterCrossings: chance.between(0, 12) } : { thenWaitMs, ...deed };
}

export function drawWait(chance: Chance): number {
  return chance.weighted([
    [4, 0],
    [6, chance.duration(1, 100)],
    [4, chance.duration(100, 3_000)],
    [1, chance.duration(3_000, 60_000)],
  ]);
}

export function drawExpiry(chance: Chance): number | undefined {
  return chance.weighted([
    [4, undefined],
    [5, chance.duration(50, 90_000)],
    [1, -chance.duration(1, 100_000)],
  ]);
}
