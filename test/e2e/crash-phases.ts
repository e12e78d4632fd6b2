import type { RecordedWrite } from '../harness/write-trap.ts';
import type { CrashLane, Phase } from './crash-lane.ts';
import type { Observation } from './end-state.ts';

/** A server's life in steps; each is recorded once and then crashed at every write of it. */
const isServing = ({ reasons }: Observation) => reasons.get('support') === 'Serving';
const isGone = ({ reasons }: Observation) => !reasons.has('support');
const isAccepted = ({ state }: Observation) =>
  state.accounts.some((account) => 'reason' in account && account.reason === 'CredentialsAccepted');
const isVerified = (_seen: Observation, writes: readonly RecordedWrite[]) =>
  writes.some(({ what, outcome }) => what === 'redis mark-verified' && outcome === 'OK');
const reasonIs = (reason: string) => (seen: Observation) => seen.reasons.get('support') === reason;
const isCurrent = ({ state }: Observation) =>
  [...state.servers, ...state.accounts].every((object) => 'current' in object && object.current === true);

async function provision(lane: CrashLane, spec: Parameters<CrashLane['createServer']>[0] = {}): Promise<void> {
  await lane.createAccount();
  await lane.createServer({ tags: ['support'], ...spec });
  await lane.until(isServing, 'the server serving');
}

/** Long enough for all that the edit itself brings about to come first. */
const EXPIRES_IN = 1_500;

async function expireSoon(lane: CrashLane): Promise<void> {
  lane.deadFrom = Date.now() + EXPIRES_IN;
  await lane.patchServer({ expiresAt: new Date(lane.deadFrom).toISOString() });
}

export const PHASES: readonly Phase[] = [
  {
    name: 'an account is created',
    arrange: async () => undefined,
    act: (lane) => lane.createAccount(),
    isDone: isAccepted,
    answers: [],
  },
  {
    name: 'a server is created',
    arrange: async (lane) => {
      await lane.createAccount();
      await lane.until(isAccepted, 'the account being accepted');
    },
    act: (lane) => lane.createServer({ tags: ['support'] }),
    isDone: isServing,
    answers: [200],
  },
  {
    name: 'the account comes that a server waits for',
    arrange: async (lane) => {
      await lane.createServer({ tags: ['support'] });
      await lane.until(reasonIs('AccountNotFound'), 'the server waiting');
    },
    act: (lane) => lane.createAccount(),
    isDone: isServing,
    answers: [200],
  },
  {
    name: 'an operator starts and finds all well',
    arrange: async (lane) => {
      await provision(lane);
      await lane.stopOperator();
    },
    act: (lane) => lane.startOperator(),
    isDone: isVerified,
    answers: [200],
    alwaysServed: true,
  },
  {
    name: 'an operator starts and finds the store empty',
    arrange: async (lane) => {
      await provision(lane);
      await lane.stopOperator();
      await lane.site.redis.command('FLUSHALL');
    },
    act: (lane) => lane.startOperator(),
    isDone: isVerified,
    answers: [200],
  },
  {
    name: 'tags are edited',
    arrange: provision,
    act: (lane) => lane.patchServer({ tags: ['helpdesk'] }),
    isDone: (seen) => isServing(seen) && isCurrent(seen),
    answers: [200],
    alwaysServed: true,
  },
  {
    name: "the account's Secret is rotated",
    arrange: provision,
    act: (lane) => lane.rotateCredential(),
    isDone: (seen, writes) => isServing(seen) && writes.some(({ what }) => what === 'PATCH crispaccounts/acme/status'),
    answers: [200],
    alwaysServed: true,
  },
  {
    name: 'the server is suspended',
    arrange: provision,
    act: (lane) => lane.patchServer({ suspend: true }),
    isDone: reasonIs('SuspendRequested'),
    answers: [404],
  },
  {
    name: 'the server is resumed',
    arrange: async (lane) => {
      await provision(lane);
      await lane.patchServer({ suspend: true });
      await lane.until(reasonIs('SuspendRequested'), 'the server being suspended');
    },
    act: (lane) => lane.patchServer({ suspend: false }),
    isDone: isServing,
    answers: [200],
  },
  {
    name: "the server's Secret is deleted",
    arrange: provision,
    act: (lane) => lane.deleteTokenSecret(),
    isDone: (seen) => isServing(seen) && seen.urls.size === 1,
    answers: [404, 200],
  },
  { name: 'the server expires and is deleted', arrange: provision, act: expireSoon, isDone: isGone, answers: [404] },
  {
    name: 'the server expires and is retained',
    arrange: (lane) => provision(lane, { expirationPolicy: 'Retain' }),
    act: expireSoon,
    isDone: reasonIs('ExpiresAtPassed'),
    answers: [404],
  },
  {
    name: 'the retained server is extended',
    arrange: async (lane) => {
      await provision(lane, { expirationPolicy: 'Retain' });
      await lane.patchServer({ expiresAt: new Date(Date.now() + 200).toISOString() });
      await lane.until(reasonIs('ExpiresAtPassed'), 'the server being expired');
    },
    act: (lane) => lane.patchServer({ expiresAt: '2099-01-01T00:00:00Z' }),
    isDone: isServing,
    answers: [200],
  },
  {
    name: 'the server is deleted',
    arrange: provision,
    act: (lane) => lane.deleteServer(),
    isDone: isGone,
    answers: [404],
  },
  {
    name: 'the account is deleted',
    arrange: provision,
    act: (lane) => lane.deleteAccount(),
    isDone: reasonIs('AccountNotFound'),
    answers: [503],
  },
];
