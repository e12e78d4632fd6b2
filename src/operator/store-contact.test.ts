import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { StaleEpochError, StoreUnavailableError } from '../routes/errors.ts';
import { StoreContact } from './store-contact.ts';

function setUp() {
  const clock = new FakeClock();
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const logger = { ...silentLogger, info: say, warn: say };
  const contact = new StoreContact({ clock, logger, onAnswering: () => said.push('told') });
  return { clock, said, contact };
}

const failure = new StoreUnavailableError('write', 'ECONNRESET');
const COMPLAINT = 'The route store does not answer; it is tried again each second';

test('the time without an answer counts from the first failure to the next answer', () => {
  const { clock, contact } = setUp();
  expect(contact.unavailableForMs()).toBeUndefined();
  contact.failed(failure);
  clock.advance(700);
  contact.failed(failure);
  clock.advance(300);
  expect(contact.unavailableForMs()).toBe(1_000);
  contact.answered();
  expect(contact.unavailableForMs()).toBeUndefined();
});

test('a store that goes on failing is complained of once a minute', () => {
  const { clock, said, contact } = setUp();
  for (let second = 0; second < 61; second++) {
    contact.failed(failure);
    clock.advance(1_000);
  }
  expect(said).toEqual([COMPLAINT, COMPLAINT]);
});

test('an answer is told once, and the next failure at once', () => {
  const { said, contact } = setUp();
  contact.answered();
  contact.failed(failure);
  contact.answered();
  contact.answered();
  contact.failed(failure);
  expect(said).toEqual([COMPLAINT, 'The route store answers again', 'told', COMPLAINT]);
});

test('a rebuild forgets the failure without a word', () => {
  const { said, contact } = setUp();
  contact.failed(failure);
  contact.rebuilt();
  contact.answered();
  expect(contact.lastError).toBeUndefined();
  expect(said).toEqual([COMPLAINT]);
});

test('a newer leader is no failure of the store to complain of', () => {
  const { said, contact } = setUp();
  contact.failed(new StaleEpochError(1));
  expect(said).toEqual([]);
});
