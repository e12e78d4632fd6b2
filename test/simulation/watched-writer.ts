import { StoreUnavailableError } from '../../src/routes/errors.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import type { RouteWriter } from '../../src/routes/store.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { Witness } from './witness.ts';

/** An operator's side of the route store: each call may go wrong on its way, and each effect has a witness. */
export function watchedWriter(process: SimulatedProcess, store: MemoryRouteStore, witness: Witness): RouteWriter {
  const inner = store.writer();
  const read = <T>(action: string, effect: () => Promise<T>) =>
    process.call('store', effect, () => new StoreUnavailableError(action, 'the connection was lost'));
  const write = <T>(action: string, epoch: number, effect: () => Promise<T>) => {
    witness.begins(process, action);
    return read(action, async () => {
      const mustFail = witness.fence.isOvertaken(epoch);
      const result = await effect();
      witness.storeWritten(process, action, mustFail);
      return result;
    });
  };
  return {
    takeEpoch(transitions) {
      witness.begins(process, 'take an epoch');
      return read('take an epoch', async () => {
        const epoch = await inner.takeEpoch(transitions);
        witness.epochTaken(process, epoch);
        return epoch;
      });
    },
    putRoute: (epoch, hash, record) => write('put a route', epoch, () => inner.putRoute(epoch, hash, record)),
    putRoutes: (epoch, routes) => write('put routes', epoch, () => inner.putRoutes(epoch, routes)),
    deleteRoutes: (epoch, uid, keep) =>
      write('delete routes', epoch, async () => {
        const removed = await inner.deleteRoutes(epoch, uid, keep);
        witness.ledger.routes.revokeOf(uid, keep);
        return removed;
      }),
    removeRoutes: (epoch, hashes) =>
      write('remove routes', epoch, async () => {
        const removed = await inner.removeRoutes(epoch, hashes);
        for (const hash of hashes) witness.ledger.routes.revoke(hash);
        return removed;
      }),
    apiTokens: {
      put: (epoch, hash, record) => write('put an API token', epoch, () => inner.apiTokens.put(epoch, hash, record)),
      putMany: (epoch, entries) => write('put API tokens', epoch, () => inner.apiTokens.putMany(epoch, entries)),
      deleteOf: (epoch, uid, keep) =>
        write('delete API tokens', epoch, async () => {
          const removed = await inner.apiTokens.deleteOf(epoch, uid, keep);
          witness.ledger.apiTokens.revokeOf(uid, keep);
          return removed;
        }),
      remove: (epoch, hashes) =>
        write('remove API tokens', epoch, async () => {
          const removed = await inner.apiTokens.remove(epoch, hashes);
          for (const hash of hashes) witness.ledger.apiTokens.revoke(hash);
          return removed;
        }),
      revision: (hash, record) => inner.apiTokens.revision(hash, record),
    },
    putAccount: (epoch, record) => write('put an account', epoch, () => inner.putAccount(epoch, record)),
    deleteAccount: (epoch, uid) => write('delete an account', epoch, () => inner.deleteAccount(epoch, uid)),
    inventory: () => read('take inventory', () => inner.inventory()),
    routeRevision: (hash, record) => inner.routeRevision(hash, record),
    accountRevision: (record) => inner.accountRevision(record),
    isVerified: () => read('ask for verification', () => inner.isVerified()),
    markVerified: (epoch) =>
      write('mark verified', epoch, async () => await witness.whileVerifying(() => inner.markVerified(epoch))),
    close: () => inner.close(),
  };
}
