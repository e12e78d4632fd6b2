import type { Chance } from './chance.ts';
import { type Action, API_TOKENS, type ApiTokenEdit, type ApiTokenPlan, type Deed, SERVERS } from './deeds.ts';
import { drawExpiry, drawTiming, drawWait } from './draws.ts';

/**
 * What people do with API tokens, woven into a script that has none. Drawn from luck of its own, so that a script is the
 * same with and without them.
 */
const EVERYWHERE = ['*'];
const SOMEWHERE: readonly [string[], ...string[][]] = [['a'], ['a', 'b'], ['b', 'c', 'd'], ['elsewhere']];

export function withApiTokens(script: readonly Action[], chance: Chance): Action[] {
  const asking = script.map(
    (action): Action =>
      action.do === 'createServer'
        ? { ...action, plan: { ...action.plan, asksApiToken: chance.happens(0.7) } }
        : action,
  );
  const share = chance.oneOf([0.2, 0.5, 0.5, 1]);
  const woven = asking.flatMap((action): Action[] =>
    chance.happens(share) ? [action, drawTiming(drawDeed(chance), drawWait(chance), chance)] : [action],
  );
  const first: Deed = { do: 'createApiToken', name: 'ci', plan: drawPlan(chance) };
  return [{ ...first, thenWaitMs: chance.between(0, 40) }, ...woven];
}

function drawPlan(chance: Chance): ApiTokenPlan {
  return {
    ...drawRights(chance),
    expiresInMs: drawExpiry(chance),
    policy: chance.oneOf([undefined, 'Delete', 'Retain', 'Retain']),
    sharesSecret: chance.happens(0.15),
  };
}

function drawRights(chance: Chance): Pick<ApiTokenPlan, 'servers' | 'scopes'> {
  return {
    servers: chance.happens(0.7) ? EVERYWHERE : chance.oneOf(SOMEWHERE),
    scopes: chance.oneOf([['connect'], ['connect'], ['connect', 'provision'], ['read']]),
  };
}

function drawEdit(chance: Chance): ApiTokenEdit {
  return chance.weighted<ApiTokenEdit>([
    [3, { field: 'rights', ...drawRights(chance) }],
    [4, { field: 'expiresAt', inMs: drawExpiry(chance) }],
    [1, { field: 'policy', policy: chance.oneOf(['Delete', 'Retain']) }],
  ]);
}

function drawDeed(chance: Chance): Deed {
  const name = chance.oneOf(API_TOKENS);
  const server = chance.oneOf(SERVERS);
  return chance.weighted<Deed>([
    [8, { do: 'createApiToken', name, plan: drawPlan(chance) }],
    [3, { do: 'applyAgain', name }],
    [5, { do: 'deleteApiToken', name }],
    [7, { do: 'editApiToken', name, edit: drawEdit(chance) }],
    [4, { do: 'extendAtEnd', name, lateMs: chance.between(0, 12) }],
    [3, { do: 'deleteTokenSecret', name }],
    [1, { do: 'breakToken', name }],
    [1, { do: 'foreignSecret', name }],
    [3, { do: 'bringToken', name, token: chance.between(0, 1) }],
    [3, { do: 'editServer', name: server, edit: { field: 'asksApiToken', asks: chance.happens(0.7) } }],
  ]);
}
