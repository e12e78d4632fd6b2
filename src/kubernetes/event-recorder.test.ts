import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { seededRandom } from '../process/random.ts';
import type { KubernetesObject, ResourceType } from '../resources/object.ts';
import { type EventNote, EventRecorder } from './event-recorder.ts';
import { ApiError, type ObjectApi, type ObjectReference } from './object-api.ts';

/** Keeps events as the API does, with switches for its failures. */
class EventsDouble implements Pick<ObjectApi, 'create' | 'mergePatch'> {
  readonly events = new Map<string, object>();
  readonly calls: string[] = [];
  fail: 'none' | 'refuse' | 'hang' | 'lose answers' = 'none';

  create<T extends KubernetesObject>(_type: ResourceType<T>, object: T): Promise<T> {
    return this.#call('create', () => {
      if (this.events.has(object.metadata.name)) throw failure('AlreadyExists', 409);
      this.events.set(object.metadata.name, object);
      return object;
    });
  }

  mergePatch<T extends KubernetesObject>(
    _type: ResourceType<T>,
    reference: ObjectReference,
    patch: object,
  ): Promise<T> {
    return this.#call('patch', () => {
      const event = this.events.get(reference.name);
      if (event === undefined) throw failure('NotFound', 404);
      const patched = { ...event, ...patch };
      this.events.set(reference.name, patched);
      return patched as T;
    });
  }

  async #call<R>(name: string, handle: () => R): Promise<R> {
    this.calls.push(name);
    if (this.fail === 'refuse') throw failure('Forbidden', 403);
    if (this.fail === 'hang') await new Promise(() => undefined);
    const answer = handle();
    if (this.fail === 'lose answers') throw failure('Unreachable', 0);
    return answer;
  }
}

function failure(reason: 'AlreadyExists' | 'NotFound' | 'Forbidden' | 'Unreachable', status: number): ApiError {
  return new ApiError({ reason, status, message: reason });
}

function bench() {
  const clock = new FakeClock('2026-05-01T12:00:00Z');
  const api = new EventsDouble();
  const seen: string[] = [];
  const recorder = new EventRecorder({
    api,
    controller: 'crispmcp.io/operator',
    instance: 'operator-0',
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    observer: {
      sent: (type) => seen.push(`sent ${type}`),
      dropped: (why) => seen.push(`dropped ${why}`),
      failed: () => seen.push('failed'),
    },
  });
  const record = async (note: Partial<EventNote> = {}) => {
    recorder.record(about(note));
    await clock.advanceAsync(0);
  };
  const events = () => [...api.events.values()];
  return { clock, api, recorder, record, events, seen };
}

function about(note: Partial<EventNote> = {}): EventNote {
  return {
    regarding: server('support'),
    type: 'Warning',
    reason: 'AccountNotReady',
    action: 'PublishRoute',
    note: 'The account "acme" is not ready',
    ...note,
  };
}

function server(name: string, namespace: string | undefined = 'team'): KubernetesObject {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispMcpServer',
    metadata: { name, uid: `uid-${name}`, ...(namespace === undefined ? {} : { namespace }) },
  };
}

describe('an event', () => {
  test('has every field that events.k8s.io/v1 requires, and lies beside its object', async () => {
    const { record, events } = bench();
    await record();
    expect(events()).toEqual([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^support\.[0-9a-f]{16}$/), namespace: 'team' },
        eventTime: '2026-05-01T12:00:00.000000Z',
        reportingController: 'crispmcp.io/operator',
        reportingInstance: 'operator-0',
        action: 'PublishRoute',
        reason: 'AccountNotReady',
        type: 'Warning',
        note: 'The account "acme" is not ready',
        regarding: {
          apiVersion: 'crispmcp.io/v1alpha1',
          kind: 'CrispMcpServer',
          namespace: 'team',
          name: 'support',
          uid: 'uid-support',
        },
      },
    ]);
  });

  test('lies in the default namespace when its object has none', async () => {
    const { record, events } = bench();
    const clusterWide = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', uid: 'x' } };
    await record({ regarding: clusterWide });
    expect(events()).toMatchObject([{ metadata: { namespace: 'default' } }]);
  });

  test.each([
    ['plain', 'x'.repeat(3000)],
    ['two bytes a character', 'ü'.repeat(1000)],
    ['four bytes a character', '😀'.repeat(600)],
  ])('has a note of at most 1 kB, cut between characters (%s)', async (_, note) => {
    const { record, events } = bench();
    await record({ note });
    const [event] = events();
    if (event === undefined || !('note' in event) || typeof event.note !== 'string') throw new Error('no note');
    expect(Buffer.byteLength(event.note)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(event.note)).toBeGreaterThan(1015);
    expect(event.note).toMatch(/[xü😀]…$/u);
    expect(event.note).not.toContain('\uFFFD');
  });

  test('has a valid name however long that of its object is', async () => {
    const { record, events } = bench();
    await record({ regarding: server(`${'a'.repeat(235)}-${'b'.repeat(17)}`) });
    const [event] = events();
    expect(event).toMatchObject({ metadata: { name: expect.stringMatching(/^a{235}\.[0-9a-f]{16}$/) } });
  });
});

describe('repetitions', () => {
  test('become a series on the first event', async () => {
    const { clock, record, events, api } = bench();
    for (let time = 0; time < 4; time++) {
      await record();
      clock.advance(1000);
    }
    expect(api.calls).toEqual(['create', 'patch', 'patch', 'patch']);
    expect(events()).toMatchObject([{ series: { count: 4, lastObservedTime: '2026-05-01T12:00:03.000000Z' } }]);
  });

  test('in one go are one call', async () => {
    const { clock, recorder, events, api } = bench();
    for (let time = 0; time < 5; time++) recorder.record(about());
    await clock.advanceAsync(0);
    expect(api.calls).toEqual(['create']);
    expect(events()).toMatchObject([{ series: { count: 5 } }]);
  });

  test.each([
    ['object', { regarding: server('other') }],
    ['type', { type: 'Normal' as const }],
    ['reason', { reason: 'Other' }],
    ['note', { note: 'Other' }],
  ])('with another %s are another event', async (_, other) => {
    const { record, events } = bench();
    await record();
    await record(other);
    expect(events()).toHaveLength(2);
  });

  test('after half an hour of silence are a new event', async () => {
    const { clock, record, events } = bench();
    await record();
    clock.advance(30 * 60_000);
    await record();
    expect(events()).toHaveLength(2);
  });

  test('of an event that the API forgot are a new event, counted from there', async () => {
    const { record, events, api } = bench();
    await record();
    await record();
    api.events.clear();
    await record();
    expect(events()).toHaveLength(1);
    expect(events()[0]).not.toHaveProperty('series');
    await record();
    expect(events()).toMatchObject([{ series: { count: 2 } }]);
  });

  test('go on in the event whose creation succeeded though the answer was lost', async () => {
    const { record, events, api, seen } = bench();
    api.fail = 'lose answers';
    await record();
    api.fail = 'none';
    await record();
    expect(events()).toMatchObject([{ series: { count: 2 } }]);
    expect(seen).toEqual(['failed', 'sent Warning']);
  });
});

describe('limits and failures', () => {
  test('one object has 25 events at once and one each five minutes; others are not held up', async () => {
    const { clock, record, events, seen } = bench();
    for (let time = 0; time < 30; time++) await record({ note: `Note ${time}` });
    expect(events()).toHaveLength(25);
    expect(seen.filter((what) => what === 'dropped rate')).toHaveLength(5);
    await record({ regarding: server('other') });
    expect(events()).toHaveLength(26);
    clock.advance(301_000);
    await record({ note: 'Later' });
    expect(events()).toHaveLength(27);
  });

  test('what was dropped is counted by the next that is sent', async () => {
    const { clock, record, events } = bench();
    for (let time = 0; time < 40; time++) await record();
    expect(events()).toMatchObject([{ series: { count: 25 } }]);
    clock.advance(301_000);
    await record();
    expect(events()).toMatchObject([{ series: { count: 41 } }]);
  });

  test('a refusal is counted, harms nobody, and the next repetition tries anew', async () => {
    const { record, events, api, seen } = bench();
    api.fail = 'refuse';
    await record();
    expect(seen).toEqual(['failed']);
    api.fail = 'none';
    await record();
    expect(events()).toMatchObject([{ series: { count: 2 } }]);
  });

  test('a call that hangs is given up after ten seconds, and the next event is sent', async () => {
    const { clock, record, events, api, seen } = bench();
    api.fail = 'hang';
    await record();
    api.fail = 'none';
    await record({ note: 'Next' });
    expect(events()).toHaveLength(0);
    await clock.advanceAsync(10_000);
    expect(seen).toEqual(['failed', 'sent Warning']);
    expect(events()).toMatchObject([{ note: 'Next' }]);
  });

  test('what waits is bounded', async () => {
    const { clock, recorder, api, seen } = bench();
    api.fail = 'hang';
    for (let index = 0; index < 6000; index++) recorder.record(about({ regarding: server(`server-${index}`) }));
    await clock.advanceAsync(0);
    expect(seen.filter((what) => what === 'dropped overflow')).toHaveLength(6000 - 4096);
  });

  test('closing sends what waits and takes no more', async () => {
    const { recorder, events, seen } = bench();
    recorder.record(about());
    recorder.record(about({ note: 'Another' }));
    const closed = recorder.close();
    recorder.record(about({ note: 'Too late' }));
    await closed;
    expect(events()).toHaveLength(2);
    expect(seen).toContain('dropped closed');
  });

  test('closing ends in five seconds even when the API hangs', async () => {
    const { clock, recorder, api } = bench();
    api.fail = 'hang';
    recorder.record(about());
    const closed = recorder.close();
    await clock.advanceAsync(5000);
    await closed;
    await clock.advanceAsync(60_000);
    expect(api.calls).toEqual(['create']);
    expect(clock.nextTimer()).toBeUndefined();
  });
});
