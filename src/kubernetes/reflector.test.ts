import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { seededRandom } from '../process/random.ts';
import type { KubernetesObject, ObjectKey, ResourceType } from '../resources/object.ts';
import { CollectionDouble, expired, unavailable } from './collection-double.ts';
import type { ObjectChange } from './object-cache.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

const thingType: ResourceType = { group: '', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true };

function bench(options: Partial<ReflectorOptions<KubernetesObject>> = {}) {
  const clock = new FakeClock();
  const api = new CollectionDouble();
  const reflector = new Reflector({
    api,
    type: thingType,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    ...options,
  });
  const changes: string[] = [];
  reflector.onChange((change) => changes.push(describeChange(change)));
  const settle = () => clock.advanceAsync(0);
  return { clock, api, reflector, changes, settle };
}

function describeChange(change: ObjectChange<KubernetesObject>): string {
  const initial = change.kind === 'added' && change.initial ? ' (initial)' : '';
  return `${change.kind} ${change.key}${initial}`;
}

describe('the view', () => {
  test('holds the list, then follows every change', async () => {
    const { api, reflector, changes, settle } = bench();
    api.set('a');
    api.set('b');
    reflector.start();
    expect(reflector.synced).toBe(false);
    await settle();
    expect(reflector.synced).toBe(true);
    api.set('c');
    api.set('a');
    api.delete('b');
    await settle();
    expect(changes).toEqual([
      'added default/a (initial)',
      'added default/b (initial)',
      'added default/c',
      'changed default/a',
      'removed default/b',
    ]);
    expect([...reflector.list()].map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(reflector.get('default/a')?.metadata.resourceVersion).toBe('4');
    await reflector.stop();
  });

  test('is changed before anybody hears of it, for a whole list at once', async () => {
    const { api, reflector, settle } = bench();
    const sizes: number[] = [];
    reflector.onChange(() => sizes.push(reflector.size));
    api.set('a');
    api.set('b');
    api.set('c');
    reflector.start();
    await settle();
    expect(sizes).toEqual([3, 3, 3]);
    await reflector.stop();
  });

  test('is read in pages of 500 and filled only when the last is in', async () => {
    const { clock, api, reflector, settle } = bench();
    for (let index = 0; index < 1201; index++) api.set(`thing-${index}`);
    reflector.start();
    await settle();
    expect(api.lists.map(({ limit, continue: token }) => [limit, token])).toEqual([
      [500, undefined],
      [500, '500'],
      [500, '1000'],
    ]);
    expect(reflector.size).toBe(1201);
    await reflector.stop();
    expect(clock.nextTimer()).toBeUndefined();
  });

  test('is the old one until a new list is complete, and then lacks what was deleted meanwhile', async () => {
    const { clock, api, reflector, changes, settle } = bench();
    api.set('kept');
    api.set('edited');
    api.set('deleted');
    api.set('replaced');
    reflector.start();
    await settle();
    changes.length = 0;
    api.failLists.push(unavailable());
    api.mute = true;
    api.endStreams(expired());
    api.delete('deleted');
    api.set('edited');
    api.delete('replaced');
    api.set('replaced');
    api.set('new');
    api.mute = false;
    await settle();
    expect(reflector.size).toBe(4);
    expect(reflector.synced).toBe(true);
    expect(changes).toEqual([]);
    await clock.advanceAsync(6000);
    expect(changes.toSorted()).toEqual([
      'added default/new',
      'added default/replaced',
      'changed default/edited',
      'removed default/deleted',
      'removed default/replaced',
    ]);
    await reflector.stop();
  });

  test('holds no managedFields, and what transform leaves', async () => {
    const { api, reflector, settle } = bench({
      transform: (object) => ({ ...object, metadata: { ...object.metadata, labels: { reduced: 'yes' } } }),
    });
    api.set('a', { managedFields: [{ manager: 'kubectl' }] });
    reflector.start();
    await settle();
    api.set('b', { managedFields: [{ manager: 'kubectl' }] });
    await settle();
    for (const object of reflector.list()) {
      expect(object.metadata).not.toHaveProperty('managedFields');
      expect(object.metadata.labels).toEqual({ reduced: 'yes' });
    }
    await reflector.stop();
  });

  test('spans the listed namespaces, and is synced when all of them are', async () => {
    const { clock, api, reflector, settle } = bench({ namespaces: ['one', 'two'] });
    api.set('a', { namespace: 'one' });
    api.set('b', { namespace: 'two' });
    api.set('c', { namespace: 'three' });
    api.failLists.push(unavailable());
    reflector.start();
    await settle();
    expect(reflector.size).toBe(1);
    expect(reflector.synced).toBe(false);
    await clock.advanceAsync(2000);
    expect(reflector.synced).toBe(true);
    api.set('d', { namespace: 'one' });
    api.delete('b', 'two');
    await settle();
    expect([...reflector.list()].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).toSorted()).toEqual([
      'one/a',
      'one/d',
    ]);
    await reflector.stop();
  });

  test('asks for metadata only, and for what selectors say', async () => {
    const { api, reflector, settle } = bench({ metadataOnly: true, labelSelector: 'x=y', fieldSelector: 'a=b' });
    reflector.start();
    await settle();
    const selection = { metadataOnly: true, labelSelector: 'x=y', fieldSelector: 'a=b' };
    expect(api.lists[0]).toMatchObject(selection);
    expect(api.watches[0]).toMatchObject({ ...selection, resourceVersion: '0' });
    await reflector.stop();
  });

  test('is not stopped by a handler that throws', async () => {
    const { api, reflector, settle } = bench();
    const heard: ObjectKey[] = [];
    reflector.onChange(() => {
      throw new Error('handler');
    });
    const unsubscribe = reflector.onChange(({ key }) => heard.push(key));
    api.set('a');
    reflector.start();
    await settle();
    api.set('b');
    await settle();
    unsubscribe();
    api.set('c');
    await settle();
    expect(heard).toEqual(['default/a', 'default/b']);
    expect(reflector.size).toBe(3);
    await reflector.stop();
  });
});

describe('failures', () => {
  test('a list that fails is tried again, less and less often, for ever', async () => {
    const { clock, api, reflector } = bench();
    api.failLists.push(...Array.from({ length: 12 }, () => unavailable()));
    reflector.start();
    await clock.advanceAsync(10_000);
    expect(api.lists.length).toBeGreaterThan(2);
    expect(api.lists.length).toBeLessThan(6);
    expect(reflector.state).toMatchObject({ synced: false, lastError: 'try later', lastSync: undefined });
    await clock.advanceAsync(15 * 60_000);
    expect(reflector.synced).toBe(true);
    expect(reflector.state).toMatchObject({ failures: 12, lastError: undefined, lists: 1 });
    await reflector.stop();
  });

  test('a Retry-After of the server is kept to', async () => {
    const { clock, api, reflector, settle } = bench();
    api.failLists.push(unavailable(20));
    reflector.start();
    await settle();
    await clock.advanceAsync(19_900);
    expect(api.lists).toHaveLength(1);
    await clock.advanceAsync(200);
    expect(api.lists).toHaveLength(2);
    await reflector.stop();
  });

  test('a stream that ends is opened again where it ended, without a list', async () => {
    const { clock, api, reflector, settle } = bench();
    reflector.start();
    await settle();
    await clock.advanceAsync(5000);
    api.set('a');
    api.bookmark();
    await settle();
    api.endStreams();
    await settle();
    expect(api.lists).toHaveLength(1);
    expect(api.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(['0', '1']);
    expect(reflector.state.restarts).toBe(1);
    for (const { timeoutSeconds } of api.watches) {
      expect(timeoutSeconds).toBeGreaterThanOrEqual(300);
      expect(timeoutSeconds).toBeLessThan(600);
    }
    await reflector.stop();
  });

  test('a server that ends each stream at once is not stormed', async () => {
    const { clock, api, reflector, settle } = bench();
    reflector.start();
    await settle();
    for (let second = 0; second < 60; second++) {
      api.endStreams();
      await clock.advanceAsync(1000);
    }
    expect(api.watches.length).toBeLessThan(20);
    await reflector.stop();
  });

  test('a bookmark moves the point to resume from on a quiet kind', async () => {
    const { clock, api, reflector, settle } = bench();
    api.set('a');
    reflector.start();
    await settle();
    api.set('elsewhere');
    await clock.advanceAsync(60_000);
    api.bookmark();
    await settle();
    api.compact();
    api.endStreams();
    await settle();
    expect(api.lists).toHaveLength(1);
    expect(api.watches[1]?.resourceVersion).toBe('2');
    await reflector.stop();
  });

  test('a version too old to resume from leads to a new list, and nothing is missed', async () => {
    const { clock, api, reflector, settle } = bench();
    api.set('a');
    reflector.start();
    await settle();
    await clock.advanceAsync(5000);
    api.mute = true;
    api.endStreams();
    await settle();
    api.set('b');
    api.compact();
    api.mute = false;
    api.endStreams();
    await clock.advanceAsync(5000);
    expect(api.lists).toHaveLength(2);
    expect(reflector.size).toBe(2);
    await reflector.stop();
  });

  test('a stream that falls silent, and heeds nothing, is given up after 90 seconds', async () => {
    const { clock, api, reflector, settle } = bench();
    api.mute = true;
    reflector.start();
    await settle();
    api.mute = false;
    api.set('unheard');
    await clock.advanceAsync(89_999);
    expect(reflector.size).toBe(0);
    await clock.advanceAsync(1);
    expect(reflector.size).toBe(1);
    expect(api.lists).toHaveLength(1);
    await reflector.stop();
  });

  test('a stream that comes back to life after it was given up changes nothing', async () => {
    const { clock, api, reflector, changes, settle } = bench();
    api.mute = true;
    reflector.start();
    await settle();
    api.set('a');
    api.set('a');
    api.mute = false;
    await clock.advanceAsync(90_000);
    expect(changes).toEqual(['added default/a', 'changed default/a']);
    api.reviveStreams();
    await settle();
    expect(changes).toHaveLength(2);
    expect(reflector.get('default/a')?.metadata.resourceVersion).toBe('2');
    await reflector.stop();
  });

  test('bookmarks keep a quiet stream open', async () => {
    const { clock, api, reflector, settle } = bench();
    reflector.start();
    await settle();
    for (let minute = 0; minute < 5; minute++) {
      await clock.advanceAsync(60_000);
      api.bookmark();
      await settle();
    }
    expect(api.watches).toHaveLength(1);
    await reflector.stop();
  });

  test('an error in the stream is followed by a wait and a resumption', async () => {
    const { clock, api, reflector, settle } = bench();
    api.set('a');
    reflector.start();
    await settle();
    api.endStreams(new Error('the stream broke'));
    await settle();
    expect(api.watches).toHaveLength(1);
    expect(reflector.state.lastError).toBe('the stream broke');
    await clock.advanceAsync(1700);
    expect(api.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(['1', '1']);
    await reflector.stop();
  });
});

describe('waiting and stopping', () => {
  test('waitForSync resolves when synced, when aborted and when stopped', async () => {
    const { clock, api, reflector, settle } = bench();
    api.failLists.push(unavailable(), unavailable());
    reflector.start();
    const abort = new AbortController();
    const given = reflector.waitForSync(abort.signal);
    const patient = reflector.waitForSync();
    abort.abort();
    await expect(given).resolves.toBe(false);
    await clock.advanceAsync(10_000);
    await expect(patient).resolves.toBe(true);
    await expect(reflector.waitForSync()).resolves.toBe(true);
    await reflector.stop();

    const other = bench();
    other.api.failLists.push(unavailable());
    other.reflector.start();
    const waiting = other.reflector.waitForSync();
    await settle();
    await other.reflector.stop();
    await expect(waiting).resolves.toBe(false);
  });

  test.each([true, false])('after stop nothing is told and no timer is left (stream mute: %s)', async (mute) => {
    const { clock, api, reflector, changes, settle } = bench();
    api.mute = mute;
    reflector.start();
    await settle();
    await reflector.stop();
    api.set('late');
    await clock.advanceAsync(600_000);
    expect(changes).toEqual([]);
    expect(clock.nextTimer()).toBeUndefined();
    expect(api.watches).toHaveLength(1);
  });
});

test('whatever the API does, the view ends as the API is, and the changes told add up to it', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('set' as const, 'delete' as const), name }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'end' as const,
          'break' as const,
          'expire' as const,
          'compact' as const,
          'mute' as const,
          'revive' as const,
          'fail lists' as const,
          'fail watches' as const,
          'bookmark' as const,
        ),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 100_000 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (script) => {
      const { clock, api, reflector } = bench();
      const told = new Map<ObjectKey, KubernetesObject>();
      reflector.onChange((change) => {
        if (change.kind !== 'added') expect(told.get(change.key)).toBe(change.before);
        else expect(told.has(change.key)).toBe(false);
        if (change.kind === 'removed') told.delete(change.key);
        else told.set(change.key, change.object);
      });
      reflector.start();
      for (const action of script) {
        if (action.do === 'set') api.set(action.name);
        if (action.do === 'delete') api.delete(action.name);
        if (action.do === 'end') api.endStreams();
        if (action.do === 'break') api.endStreams(new Error('broken'));
        if (action.do === 'expire') api.endStreams(expired());
        if (action.do === 'compact') api.compact();
        if (action.do === 'mute') api.mute = !api.mute;
        if (action.do === 'revive') api.reviveStreams();
        if (action.do === 'fail lists') api.failLists.push(unavailable(), unavailable());
        if (action.do === 'fail watches') api.failWatches.push(unavailable(), unavailable(), unavailable());
        if (action.do === 'bookmark') api.bookmark();
        if (action.do === 'pass') await clock.advanceAsync(action.ms);
      }
      api.mute = false;
      await clock.advanceAsync(45 * 60_000);
      expect(new Map([...told].toSorted())).toEqual(new Map([...api.objects].toSorted()));
      expect(reflector.size).toBe(told.size);
      for (const [key, object] of told) expect(reflector.get(key)).toBe(object);
      await reflector.stop();
      expect(clock.nextTimer()).toBeUndefined();
    }),
    { numRuns: 300 },
  );
}, 60_000);

describe('a refresh', () => {
  test('shows what a silent watch has not told, and the watch goes on from there', async () => {
    const { api, reflector, changes, settle } = bench();
    api.set('a');
    api.mute = true;
    reflector.start();
    await settle();
    api.set('b');
    await settle();
    expect(reflector.get('default/b')).toBeUndefined();
    api.mute = false;
    const refreshed = reflector.refresh();
    await settle();
    expect(await refreshed).toBe(true);
    expect(reflector.get('default/b')).toBeDefined();
    api.set('c');
    await settle();
    expect(changes).toEqual(['added default/a (initial)', 'added default/b', 'added default/c']);
    await reflector.stop();
  });

  test('waits for a list of every namespace that was begun after it was asked for', async () => {
    const { clock, api, reflector } = bench({ namespaces: ['one', 'two'] });
    reflector.start();
    const listsBefore = api.lists.length;
    const refreshed = reflector.refresh();
    await clock.advanceAsync(0);
    expect(await refreshed).toBe(true);
    expect(api.lists.length - listsBefore).toBeGreaterThanOrEqual(2);
    await reflector.stop();
  });

  test('overtakes the wait after a failure, and tries until the API answers', async () => {
    const { clock, api, reflector } = bench();
    reflector.start();
    await clock.advanceAsync(0);
    api.failLists.push(unavailable(), unavailable());
    const refreshed = reflector.refresh();
    await clock.advanceAsync(60_000);
    expect(await refreshed).toBe(true);
    await reflector.stop();
  });

  test('ends with false when the reflector is stopped', async () => {
    const { clock, api, reflector } = bench();
    reflector.start();
    await clock.advanceAsync(0);
    api.failLists.push(...Array.from({ length: 20 }, unavailable));
    const refreshed = reflector.refresh();
    await clock.advanceAsync(1_000);
    await reflector.stop();
    expect(await refreshed).toBe(false);
  });
});
