import type { Chance } from './chance.ts';
import { ACCOUNTS, type Action, CREDENTIALS, type Deed, SERVERS, type ServerEdit, type ServerPlan } from './deeds.ts';
import { drawExpiry, drawTiming, drawWait } from './draws.ts';
import { FILTERS } from './tools.ts';

/** What people do to servers and accounts in a run, and what goes wrong. */
export function drawServerScript(chance: Chance): Action[] {
  const setting: Deed[] = [
    { do: 'setCredential', name: 'plugin-token', quality: 'good' },
    { do: 'createAccount', name: 'acme' },
    { do: 'createServer', name: 'a', plan: drawPlan(chance) },
    { do: 'createServer', name: 'b', plan: drawPlan(chance) },
  ];
  const drawDeed = drawMood(chance);
  const length = chance.between(12, 40);
  const middle = chance.between(0, length * 2);
  const deeds = Array.from({ length }, (_, index): Action[] => [
    ...(index === middle ? [{ do: 'rest', thenWaitMs: 0 } as const] : []),
    drawAction(drawDeed(), chance),
  ]);
  return [...setting.map((deed) => ({ ...deed, thenWaitMs: chance.between(0, 40) })), ...deeds.flat()];
}

/** A run in which everything may happen is a run in which little happens together: each has its favourites. */
function drawMood(chance: Chance): () => Deed {
  const favour = new Map<Deed['do'], number>();
  const favourOf = (deed: Deed['do']) => {
    const known = favour.get(deed) ?? chance.oneOf([0.1, 1, 1, 4]);
    favour.set(deed, known);
    return known;
  };
  return () => {
    for (;;) {
      const deed = drawDeed(chance);
      if (chance.happens(favourOf(deed.do) / 4)) return deed;
    }
  };
}

function drawAction(deed: Deed, chance: Chance): Action {
  return drawTiming(deed, drawWait(chance), chance);
}

function drawPlan(chance: Chance): ServerPlan {
  return {
    account: chance.happens(0.8) ? 'acme' : 'globex',
    filter: chance.happens(0.6) ? 0 : chance.between(0, FILTERS.length - 1),
    expiresInMs: drawExpiry(chance),
    policy: chance.oneOf([undefined, 'Delete', 'Retain', 'Retain']),
    suspend: chance.happens(0.2),
    sharesSecret: chance.happens(0.15),
    asksApiToken: false,
  };
}

function drawEdit(chance: Chance): ServerEdit {
  return chance.weighted<ServerEdit>([
    [2, { field: 'filter', filter: chance.between(0, FILTERS.length - 1) }],
    [4, { field: 'expiresAt', inMs: drawExpiry(chance) }],
    [1, { field: 'policy', policy: chance.oneOf(['Delete', 'Retain']) }],
    [3, { field: 'suspend', suspend: chance.happens(0.6) }],
  ]);
}

function drawDeed(chance: Chance): Deed {
  const name = chance.oneOf(SERVERS);
  const account = chance.oneOf(ACCOUNTS);
  const credential = chance.oneOf(CREDENTIALS);
  return chance.weighted<Deed>([
    [9, { do: 'createServer', name, plan: drawPlan(chance) }],
    [3, { do: 'applyAgain', name }],
    [5, { do: 'deleteServer', name }],
    [9, { do: 'editServer', name, edit: drawEdit(chance) }],
    [5, { do: 'extendAtEnd', name, lateMs: chance.between(0, 12) }],
    [3, { do: 'deleteTokenSecret', name }],
    [1, { do: 'breakToken', name }],
    [1, { do: 'foreignSecret', name }],
    [4, { do: 'bringToken', name, token: chance.between(0, 1) }],
    [2, { do: 'createAccount', name: account }],
    [1, { do: 'deleteAccount', name: account }],
    [1, { do: 'editAccount', name: account, tiers: chance.between(0, 2) }],
    [
      3,
      { do: 'setCredential', name: credential, quality: chance.oneOf(['good', 'good', 'good', 'bad', 'incomplete']) },
    ],
    [1, { do: 'deleteCredential', name: credential }],
    [0.5, { do: 'changePublicUrl' }],
    [
      7,
      {
        do: 'crash',
        who: chance.happens(0.85) ? 'leader' : 'follower',
        afterCrossings: chance.between(0, 40),
      },
    ],
    [6, { do: 'usurp', afterCrossings: chance.between(0, 20) }],
    [1, { do: 'handOver' }],
    [1.5, { do: 'breakWatches' }],
    [0.5, { do: 'compact' }],
    [2, { do: 'flushStore' }],
    [5, { do: 'keepDump' }],
    [2, { do: 'machineDies' }],
    [4, { do: 'restartStore', from: chance.oneOf(['nothing', 'old dump', 'old dump', 'present']) }],
    [5, { do: 'loseStore', forMs: chance.duration(10, 30_000) }],
    [3, { do: 'shakeStore', forMs: chance.duration(100, 20_000) }],
    [2, { do: 'breakApi', forMs: chance.duration(100, 20_000) }],
    [2, { do: 'delayWatches', forMs: chance.duration(100, 20_000) }],
    [1, { do: 'loseCrisp', forMs: chance.duration(100, 40_000), how: chance.oneOf(['unknown', 'unknown', 'hangs']) }],
    [
      2,
      {
        do: 'stepClock',
        whose: chance.oneOf(['store', 'gateway', 'leader', 'follower']),
        byMs: chance.oneOf([-1, 1]) * chance.duration(50, 120_000),
      },
    ],
    [1, { do: 'restartGateway' }],
    [4, { do: 'requestAll' }],
  ]);
}
