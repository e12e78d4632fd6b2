import { describe, expect, it } from 'vitest';
import { secretType } from '../../kubernetes/core-types.ts';
import { crispAccountType } from '../../resources/crisp-account.ts';
import { crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import type { StoreCleaner } from '../../routes/redis-store-cleaner.ts';
import { Harness, NAMESPACE } from '../operator-harness.ts';
import { type CleanupOptions, cleanUp } from './cleanup.ts';

/** A namespace whose operator has gone, and a store that notes what was still there when it was asked to forget. */
class Scene implements StoreCleaner {
  readonly harness = new Harness();
  readonly said: string[] = [];
  readonly seenByStore: string[] = [];
  fails = false;

  async provision(): Promise<void> {
    const { harness } = this;
    await harness.credentials();
    await harness.account();
    await harness.server('one');
    await harness.server('two');
    await harness.start();
    await harness.operator?.stop();
  }

  async run(options: Partial<CleanupOptions> = {}): Promise<void> {
    const { api, clock } = this.harness;
    const running = cleanUp({
      ...{ api, clock, store: this, namespaces: [NAMESPACE], delete: true, dryRun: false, purgeStore: false },
      ...{ abandonRoutes: false, patienceMs: 2_000, timeoutMs: 60_000, say: (line) => void this.said.push(line) },
      ...options,
    });
    const settled = Promise.allSettled([running]);
    await clock.advanceAsync(120_000);
    await settled;
    await running;
  }

  async left(): Promise<string[]> {
    const { api } = this.harness;
    const lists = await Promise.all([
      api.list(crispMcpServerType, { namespace: NAMESPACE }),
      api.list(crispAccountType, { namespace: NAMESPACE }),
      api.list(secretType, { namespace: NAMESPACE }),
    ]);
    return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.name));
  }

  async forget(): Promise<number> {
    if (this.fails) throw new Error('no answer');
    this.seenByStore.push((await this.left()).join(' '));
    return 0;
  }

  async purge(): Promise<number> {
    this.seenByStore.push(`purge: ${(await this.left()).join(' ')}`);
    return 0;
  }

  close(): void {}
}

async function scene(): Promise<Scene> {
  const made = new Scene();
  await made.provision();
  return made;
}

describe('cleanUp', () => {
  it('asks the store before Secrets and finalizers go, servers before accounts, and purges last', async () => {
    const made = await scene();
    await made.run({ purgeStore: true });
    expect(made.seenByStore).toEqual([
      'one two acme acme-crisp one-mcp two-mcp',
      'acme acme-crisp',
      'purge: acme-crisp',
    ]);
    expect(await made.left()).toEqual(['acme-crisp']);
  });

  it('lets nothing go while the store fails', async () => {
    const made = await scene();
    made.fails = true;
    await expect(made.run()).rejects.toThrow(/no answer.*may still be served.*--abandon-routes/s);
    expect(await made.left()).toEqual(['one', 'two', 'acme', 'acme-crisp', 'one-mcp', 'two-mcp']);
  });

  it('without --delete leaves alone what nobody asked to delete', async () => {
    const made = await scene();
    await made.harness.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'one' });
    await made.run({ delete: false });
    expect(await made.left()).toEqual(['two', 'acme', 'acme-crisp', 'two-mcp']);
  });

  it('gives up when the time is over and names what is left', async () => {
    const made = await scene();
    await expect(made.run({ timeoutMs: 1_000 })).rejects.toThrow(
      /2 CrispMcpServers remain: default\/one, default\/two/,
    );
  });

  it('leaves a Secret that a user brought and no operator has taken into use', async () => {
    const made = await scene();
    const { api } = made.harness;
    const reference = { namespace: NAMESPACE, name: 'one-mcp' };
    const secret = await api.get(secretType, reference);
    await api.delete(secretType, reference);
    const brought = { ...reference, labels: {} };
    await api.create(secretType, { apiVersion: 'v1', kind: 'Secret', type: secret?.type ?? '', metadata: brought });
    await made.run();
    expect(await made.left()).toEqual(['acme-crisp', 'one-mcp']);
  });

  it('leaves finalizers of others alone, says so and does not purge under them', async () => {
    const made = await scene();
    const reference = { namespace: NAMESPACE, name: 'one' };
    await made.harness.api.mergePatch(crispMcpServerType, reference, {
      metadata: { finalizers: ['crispmcp.io/routes', 'example.com/theirs'] },
    });
    await made.run({ purgeStore: true });
    expect(made.said.join('\n')).toContain('default/one is still held by finalizers of others: example.com/theirs');
    expect(made.said).toContain('The route store is not purged, as resources remain.');
    expect(await made.left()).toEqual(['one', 'acme-crisp']);
  });

  it('deletes token Secrets whose server is gone, with --delete only', async () => {
    const made = await scene();
    for (const name of ['one', 'two']) {
      const reference = { namespace: NAMESPACE, name };
      await made.harness.api.delete(crispMcpServerType, reference);
      await made.harness.api.mergePatch(crispMcpServerType, reference, { metadata: { finalizers: [] } });
    }
    await made.run({ delete: false });
    expect(await made.left()).toContain('one-mcp');
    await made.run();
    expect(await made.left()).toEqual(['acme-crisp']);
  });
});
