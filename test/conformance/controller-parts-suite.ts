import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventType, leaseType, secretType } from '../../src/kubernetes/core-types.ts';
import { EventRecorder } from '../../src/kubernetes/event-recorder.ts';
import { LeaderElector } from '../../src/kubernetes/leader-elector.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { systemClock as clock } from '../../src/process/clock.ts';
import { silentLogger as logger } from '../../src/process/logger.ts';
import { systemRandom as random } from '../../src/process/random.ts';
import { eventually } from '../harness/eventually.ts';
import { base64, type Subject, secret, server } from './object-api-subject.ts';

/** What controllers are built of, on an API that is not scripted: it must accept every write and give what they rely on. */
export function describeControllerParts(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let opened: Subject | undefined;
    const subject = (): Subject => {
      if (opened === undefined) throw new Error('the API is not open');
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    describe('the reflector', () => reflectorTests(subject));
    describe('the leader election', () => electionTests(subject));
    describe('the event recorder', () => eventTests(subject));
  });
}

function reflectorTests(subject: () => Subject): void {
  test('holds what there was, follows what happens, and knows no content when it asks for metadata', async () => {
    const { api } = subject();
    const namespaces = [await subject().freshNamespace(), await subject().freshNamespace()] as const;
    const [one, two] = namespaces;
    const content = { data: { key: base64('value') } };
    await api.create(secretType, secret(one, content, 'before'));
    await api.create(secretType, secret(two, content, 'elsewhere'));
    const reflector = new Reflector({
      api,
      type: secretType,
      namespaces,
      metadataOnly: true,
      fieldSelector: 'metadata.name!=kube-root-ca.crt',
      clock,
      random,
      logger,
    });
    const changes: string[] = [];
    reflector.onChange(({ kind, key }) => changes.push(`${kind} ${key}`));
    reflector.start();
    await reflector.waitForSync(AbortSignal.timeout(10_000));
    expect(changes.toSorted()).toEqual([`added ${one}/before`, `added ${two}/elsewhere`].toSorted());
    for (const { data } of reflector.list()) expect(data).toBeUndefined();

    changes.length = 0;
    await api.create(secretType, secret(one, content, 'after'));
    await api.mergePatch(secretType, { namespace: one, name: 'before' }, { metadata: { labels: { seen: 'yes' } } });
    await api.delete(secretType, { namespace: two, name: 'elsewhere' });
    await eventually(() => expect(changes).toHaveLength(3));
    expect(changes.toSorted()).toEqual(
      [`added ${one}/after`, `changed ${one}/before`, `removed ${two}/elsewhere`].toSorted(),
    );
    expect(reflector.get(`${one}/before`)?.metadata.labels).toEqual({ seen: 'yes' });
    expect(reflector.state).toMatchObject({ synced: true, failures: 0, lists: 2 });
    await reflector.stop();
  });

  test('reads a collection of several pages', async () => {
    const { api } = subject();
    const namespace = await subject().freshNamespace();
    const names = Array.from({ length: 501 }, (_, index) => `secret-${index}`);
    for (let start = 0; start < names.length; start += 50) {
      const some = names.slice(start, start + 50);
      await Promise.all(some.map((name) => api.create(secretType, secret(namespace, {}, name))));
    }
    const reflector = new Reflector({ api, type: secretType, namespaces: [namespace], clock, random, logger });
    reflector.start();
    await reflector.waitForSync(AbortSignal.timeout(10_000));
    expect(reflector.size).toBe(501);
    await reflector.stop();
  });
}

function electionTests(subject: () => Subject): void {
  test('one leads, and when it stops the other follows at once with one more transition', async () => {
    const { api } = subject();
    const namespace = await subject().freshNamespace();
    const terms: string[] = [];
    const lost: string[] = [];
    const elector = (identity: string) =>
      new LeaderElector({
        api,
        namespace,
        leaseName: 'operator',
        identity,
        clock,
        random,
        logger,
        retryPeriodMs: 200,
        onStarted: (transitions) => terms.push(`${identity} ${transitions}`),
        onLost: (reason) => lost.push(reason),
      });
    const [first, second] = [elector('a'), elector('b')];
    first.start();
    await eventually(() => expect(first.isLeader()).toBe(true));
    second.start();
    await eventually(() => expect(second.leader).toBe('a'));
    expect(second.isLeader()).toBe(false);
    const lease = await api.get(leaseType, { namespace, name: 'operator' });
    expect(lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    await eventually(async () => {
      const renewed = await api.get(leaseType, { namespace, name: 'operator' });
      expect(renewed?.spec?.renewTime).not.toBe(lease?.spec?.renewTime);
    });

    await first.stop();
    await eventually(() => expect(second.isLeader()).toBe(true));
    expect(terms).toEqual(['a 0', 'b 1']);
    expect(lost).toEqual([]);
    await second.stop();
    const released = await api.get(leaseType, { namespace, name: 'operator' });
    expect(released?.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 1 });
    expect(released?.spec?.holderIdentity ?? '').toBe('');
  });
}

function eventTests(subject: () => Subject): void {
  test('repetitions are one event with a series', async () => {
    const { api } = subject();
    const namespace = await subject().freshNamespace();
    const failures: string[] = [];
    const recorder = new EventRecorder({
      api,
      controller: 'crispmcp.io/operator',
      instance: 'operator-0',
      clock,
      random,
      logger,
      observer: { failed: () => failures.push('failed') },
    });
    const regarding = server(namespace);
    const note = {
      regarding,
      type: 'Warning',
      reason: 'AccountNotFound',
      action: 'Publish',
      note: 'ü'.repeat(2000),
    } as const;
    for (let time = 0; time < 3; time++) {
      recorder.record(note);
      await recorder.flush();
    }
    await recorder.close();
    expect(failures).toEqual([]);
    const { items } = await api.list(eventType, { namespace });
    expect(items).toMatchObject([{ reason: 'AccountNotFound', regarding: { name: 'support' }, series: { count: 3 } }]);
  });
}
