import { expect, test } from 'vitest';
import { expired, unavailable } from './collection-double.ts';
import { type ListWatchOutcome, type ListWatchState, transition } from './list-watch.ts';

type State = ListWatchState<string>;
type Outcome = ListWatchOutcome<string>;

const empty: State = { phase: 'empty', whole: false };
const paging: State = { phase: 'paging', collected: ['a'], continue: 'token-1' };
const fresh: State = { phase: 'watching', resourceVersion: '10', fresh: true, failures: 0 };
const proven: State = { phase: 'watching', resourceVersion: '10', fresh: false, failures: 0 };

test.each<[string, State, Outcome, State, boolean]>([
  [
    'a first page with more to come leads to the next page',
    empty,
    { kind: 'page', items: ['a'], resourceVersion: '10', continue: 'token-1' },
    paging,
    false,
  ],
  [
    'a further page is collected',
    paging,
    { kind: 'page', items: ['b'], resourceVersion: '10', continue: 'token-2' },
    { phase: 'paging', collected: ['a', 'b'], continue: 'token-2' },
    false,
  ],
  ['the last page leads to the watch', paging, { kind: 'page', items: ['b'], resourceVersion: '10' }, fresh, false],
  [
    'an empty continue token is none',
    empty,
    { kind: 'page', items: [], resourceVersion: '10', continue: '' },
    fresh,
    false,
  ],
  ['a failed list is tried again after a while', empty, { kind: 'failed', error: unavailable() }, empty, true],
  ['a failed page starts the list over', paging, { kind: 'failed', error: unavailable() }, empty, true],
  [
    'a continue token that expired makes the next list one without pages',
    paging,
    { kind: 'failed', error: expired() },
    { phase: 'empty', whole: true },
    true,
  ],
  [
    'a watch that ended is resumed at once where it ended',
    fresh,
    { kind: 'ended', resourceVersion: '12', livedMs: 300_000 },
    { phase: 'watching', resourceVersion: '12', fresh: false, failures: 0 },
    false,
  ],
  [
    'a watch that ends as soon as it is opened is resumed after a while',
    proven,
    { kind: 'ended', resourceVersion: '10', livedMs: 999 },
    proven,
    true,
  ],
  [
    'a version that grew too old leads to a list at once',
    proven,
    { kind: 'failed', error: expired(), resourceVersion: '10' },
    empty,
    false,
  ],
  [
    'a version that a list just gave and is said to be too old leads to a list after a while',
    fresh,
    { kind: 'failed', error: expired(), resourceVersion: '10' },
    empty,
    true,
  ],
  [
    'a broken stream is resumed after a while',
    proven,
    { kind: 'failed', error: unavailable(), resourceVersion: '11' },
    { phase: 'watching', resourceVersion: '11', fresh: false, failures: 1 },
    true,
  ],
  [
    'the third failure without any progress leads to a list, in case the version is the trouble',
    { phase: 'watching', resourceVersion: '10', fresh: false, failures: 2 },
    { kind: 'failed', error: unavailable(), resourceVersion: '10' },
    empty,
    true,
  ],
  [
    'progress starts the count of failures over',
    { phase: 'watching', resourceVersion: '10', fresh: false, failures: 2 },
    { kind: 'failed', error: unavailable(), resourceVersion: '11' },
    { phase: 'watching', resourceVersion: '11', fresh: false, failures: 1 },
    true,
  ],
])('%s', (_, state, outcome, next, backOff) => {
  expect(transition(state, outcome)).toEqual({ state: next, backOff });
});
