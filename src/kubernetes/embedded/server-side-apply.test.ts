import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFields, encodeFields, fieldsOf, printPath } from './field-sets.ts';
import { type JsonObject, toJsonObject } from './json.ts';
import { apply, type FieldOwner, readOwners, type Writer, writeOwners } from './server-side-apply.ts';
import { freeMap, listOf, record, scalar } from './structural-schema.ts';

const schema = record({
  data: freeMap,
  set: listOf({ kind: 'set' }),
  keyed: listOf({ kind: 'map', keys: ['name'] }, record({ name: scalar, value: scalar })),
  atomic: listOf({ kind: 'atomic' }),
  inner: record({ a: scalar, b: scalar }),
});

const value = fc.constantFrom('1', '2');
const name = fc.constantFrom('a', 'b', 'c');
const wanted: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      data: fc.dictionary(name, value, { minKeys: 1 }),
      set: fc.uniqueArray(name, { minLength: 1 }),
      keyed: fc.uniqueArray(fc.record({ name, value }), { selector: (item) => item.name, minLength: 1 }),
      atomic: fc.array(value),
      inner: fc.record({ a: value, b: value }, { requiredKeys: ['a'] }),
    },
    { requiredKeys: [] },
  )
  .map(toJsonObject);

const writer = (manager: string): Writer => ({ manager, operation: 'Apply', apiVersion: 'v1', subresource: undefined });

function forced(live: JsonObject, owners: readonly FieldOwner[], by: Writer, object: JsonObject) {
  const result = apply(schema, live, object, owners, by, { force: true, time: 't' });
  if ('conflicts' in result) throw new Error('a forced apply never conflicts');
  return result;
}

test('whatever was applied before: the manager’s fields are as wanted, and applying again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, wanted)), name, wanted, (history, manager, object) => {
      let state: { object: JsonObject; owners: FieldOwner[] } = { object: {}, owners: [] };
      for (const [by, earlier] of history) state = forced(state.object, state.owners, writer(by), earlier);
      const applied = forced(state.object, state.owners, writer(manager), object);
      const mine = applied.owners.find((owner) => owner.manager === manager);
      expect(new Set(mine?.fields)).toEqual(fieldsOf(schema, object));
      expect([...fieldsOf(schema, object)].filter((path) => !fieldsOf(schema, applied.object).has(path))).toEqual([]);
      const again = apply(schema, applied.object, object, applied.owners, writer(manager), { force: false, time: 'u' });
      expect(again).toEqual({ object: applied.object, owners: applied.owners });
    }),
  );
});

test('when every manager lets go, nothing is left', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, wanted)), (history) => {
      let state: { object: JsonObject; owners: FieldOwner[] } = { object: {}, owners: [] };
      for (const [by, object] of history) state = forced(state.object, state.owners, writer(by), object);
      for (const by of new Set(history.map(([manager]) => manager))) {
        state = forced(state.object, state.owners, writer(by), {});
      }
      expect(state).toEqual({ object: {}, owners: [] });
    }),
  );
});

test('owners survive being written to managedFields', () => {
  fc.assert(
    fc.property(wanted, (object) => {
      const owner = { ...writer('a'), time: 't', fields: fieldsOf(schema, object) };
      expect(readOwners(writeOwners([owner]))).toEqual([owner]);
    }),
  );
});

test('paths read as the server prints them', () => {
  const fields = fieldsOf(schema, toJsonObject({ keyed: [{ name: 'a', value: '1' }], set: ['x'], data: { k: 'v' } }));
  expect([...fields].map(printPath).sort()).toEqual([
    '.data.k',
    '.keyed[name="a"]',
    '.keyed[name="a"].name',
    '.keyed[name="a"].value',
    '.set[="x"]',
  ]);
  expect(decodeFields(encodeFields(fields))).toEqual(fields);
});
