import { FakeClock } from '../../src/process/clock.ts';
import type { MemoryDump } from '../../src/routes/memory/memory-state.ts';
import { createMemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { describeRouteStore, type StoreUnderTest } from './route-store-suite.ts';

async function open(): Promise<StoreUnderTest<MemoryDump>> {
  const clock = new FakeClock();
  const memory = createMemoryRouteStore({ clock });
  return {
    newWriter: () => memory.writer(),
    newReader: () => memory.reader(),
    now: async () => clock.now(),
    waitUntil: async (instant) => clock.advance(Math.max(instant - clock.now(), 0)),
    flush: async () => memory.flush(),
    dump: async () => memory.dump(),
    restart: async (dump) => memory.restart(dump),
    setReachable: async (reachable) => memory.setReachable(reachable),
    cutConnections: async () => {
      memory.setReachable(false);
      memory.setReachable(true);
    },
    close: () => memory.close(),
  };
}

describeRouteStore('memory', open);
