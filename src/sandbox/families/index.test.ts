import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../catalog/operations/index.ts';
import { type Bench, sandboxBench } from '../testing.ts';
import { HANDLERS } from './index.ts';

test('every operation of the catalogue has a behaviour', () => {
  expect(OPERATIONS.map(({ id }) => id).filter((id) => !Object.hasOwn(HANDLERS, id))).toEqual([]);
});

test('every behaviour has a route', () => {
  const known = new Set(OPERATIONS.map(({ id }) => id));
  expect(Object.keys(HANDLERS).filter((id) => !known.has(id))).toEqual([]);
});

test('an operation without a behaviour says so', async () => {
  await using bench = await sandboxBench({ handlers: {} });
  expect(await bench.as('website')('GET', '/conversations/1')).toMatchObject({
    status: 501,
    reason: 'sandbox_has_no_handler',
    data: { message: 'write one for website.listConversations' },
  });
});

test('a behaviour that fails answers 500 and the sandbox goes on', async () => {
  const broken = () => {
    throw new Error('a defect');
  };
  await using bench = await sandboxBench({ handlers: { ...HANDLERS, 'website.getWebsite': broken } });
  expect(await bench.as('website')('GET', '')).toMatchObject({ status: 500, reason: 'sandbox_defect' });
  expect(await bench.as('website')('GET', '/conversations/1')).toMatchObject({ status: 206 });
});

const NONSENSE = [undefined, {}, [], null, 'text', { type: {}, verify: 5, people: [[]], orders: [{}], data: '' }];

/** Every route, asked with nonsense: no answer may be a defect of the sandbox. */
describe('survives nonsense', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await sandboxBench();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test.each(OPERATIONS.map(({ id, method, path, tiers }) => [id, method, path, tiers[0] ?? 'user'] as const))(
    '%s',
    async (_id, method, path, tier) => {
      const filled = path.replace('{website_id}', bench.sandbox.websiteId).replace(/\{\w+\}/g, '1');
      const hasBody = method !== 'GET' && method !== 'HEAD';
      for (const body of hasBody ? NONSENSE : [undefined]) {
        const sent = body === undefined ? undefined : JSON.stringify(body);
        const answer = await bench.as(tier)(method, `/v1${filled}`, sent);
        expect(answer.status, JSON.stringify(answer)).toBeLessThan(500);
      }
    },
  );
});
