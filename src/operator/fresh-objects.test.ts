import { describe, expect, it } from 'vitest';
import type { ObjectCache } from '../kubernetes/object-cache.ts';
import type { KubernetesObject } from '../resources/object.ts';
import { FreshObjects } from './fresh-objects.ts';

function object(resourceVersion: string, uid = 'u1'): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { namespace: 'n', name: 'x', uid, resourceVersion } };
}

class Shown implements ObjectCache<KubernetesObject> {
  shown: KubernetesObject | undefined = object('1');
  readonly size = 1;
  readonly synced = true;
  get = () => this.shown;
  list = () => (this.shown === undefined ? [] : [this.shown]);
  onChange = () => () => undefined;
}

function fresh() {
  const cache = new Shown();
  return {
    cache,
    objects: new FreshObjects<KubernetesObject>(cache),
    version: (o?: KubernetesObject) => o?.metadata.resourceVersion,
  };
}

describe('an object as one knows it', () => {
  it('is the answer of one’s own writes while the cache shows what they replaced', () => {
    const { cache, objects, version } = fresh();
    objects.wrote(object('2'), object('1'));
    expect(version(objects.get('n/x'))).toBe('2');
    objects.wrote(object('3'), object('2'));
    cache.shown = object('2');
    expect(version(objects.get('n/x'))).toBe('3');
    cache.shown = object('3');
    expect(version(objects.get('n/x'))).toBe('3');
  });

  it('is the cache’s once somebody else has written', () => {
    const { cache, objects, version } = fresh();
    objects.wrote(object('2'), object('1'));
    cache.shown = object('9');
    expect(version(objects.get('n/x'))).toBe('9');
    cache.shown = object('1');
    expect(version(objects.get('n/x'))).toBe('1');
  });

  it('is the cache’s when the watch was faster than the answer', () => {
    const { cache, objects, version } = fresh();
    cache.shown = object('3');
    objects.wrote(object('2'), object('1'));
    expect(version(objects.get('n/x'))).toBe('3');
  });

  it('is gone when the cache says so, or another under the same name', () => {
    const { cache, objects } = fresh();
    objects.wrote(object('2'), object('1'));
    cache.shown = object('1', 'u2');
    expect(objects.get('n/x')?.metadata.uid).toBe('u2');
    objects.wrote(object('2'), object('1'));
    cache.shown = undefined;
    expect(objects.get('n/x')).toBeUndefined();
  });
});
