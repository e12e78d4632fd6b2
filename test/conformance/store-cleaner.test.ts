import { expect, test } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { StoreUnavailableError } from '../../src/routes/errors.ts';
import { createKeyring, newKeyringEntry } from '../../src/routes/keyring.ts';
import { OPERATOR_RULES } from '../../src/routes/redis/acl.ts';
import { createRedisRouteWriter } from '../../src/routes/redis-route-writer.ts';
import { createRedisStoreCleaner } from '../../src/routes/redis-store-cleaner.ts';
import { keysIn } from '../e2e/store-content.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { startRedis } from '../harness/redis.ts';
import { account, hash, route } from './route-store-suite.ts';

/** What `crisp-mcp cleanup` takes out of a real Redis, with the operator's rights and no keyring. */
const PASSWORD = issueSecret('the-password-of-a-cleaner', 'password of a Redis user');
const shared = { clock: systemClock, logger: silentLogger, connectTimeout: 2_000, commandTimeout: 2_000 };

test('forgets what belongs to the named uids, purges all of ours, and touches nothing of others', async () => {
  const server = await startRedis({ name: 'cleaner' });
  await server.command('ACL', 'SETUSER', 'operator', 'on', `>${PASSWORD}`, ...OPERATOR_RULES);
  const redis = { url: `redis://operator:${PASSWORD}@127.0.0.1:${server.port}` };
  const keyring = createKeyring({ current: issueSecret(newKeyringEntry(systemRandom), 'keyring entry') });
  const writer = createRedisRouteWriter({ ...shared, keyring, redis });
  const cleaner = createRedisStoreCleaner({ ...shared, redis });
  await server.command('SET', 'of-somebody-else', 'stays');
  const epoch = await eventually(() => writer.takeEpoch(1));
  await writer.putRoute(epoch, hash('a'), { ...route(), uid: 'going' });
  await writer.putRoute(epoch, hash('b'), { ...route(), uid: 'going' });
  await writer.putRoute(epoch, hash('c'), { ...route(), uid: 'staying' });
  await writer.putAccount(epoch, { ...account(), uid: 'account-going' });
  await writer.putAccount(epoch, { ...account(), uid: 'account-staying' });

  expect(await cleaner.forget(new Set(['going', 'account-going']))).toBe(2);
  expect(await cleaner.forget(new Set(['going', 'account-going'])), 'a second time').toBe(0);
  const left = await writer.inventory();
  expect([...left.routes].map(([token, { uid }]) => [token, uid])).toEqual([[hash('c'), 'staying']]);
  expect([...left.accounts.keys()]).toEqual(['account-staying']);
  await writer.putRoute(epoch, hash('d'), { ...route(), uid: 'staying' });

  expect(await cleaner.purge(), 'two routes, an index, an account, the epoch').toBe(5);
  expect(await keysIn(server)).toEqual(['of-somebody-else']);
  await server.kill();
  await expect(cleaner.forget(new Set(['staying']))).rejects.toThrow(StoreUnavailableError);
  cleaner.close();
  await writer.close();
});
