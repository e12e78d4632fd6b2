import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { RedisLink } from '../../routes/redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from '../../routes/redis/redis-target.ts';
import { AUDIT_KEY } from '../../routes/store-keys.ts';
import type { AuditSink } from './audit-sink.ts';

/**
 * Audit records in a Redis stream, one entry with the field `record` each, on a connection of its own, so that a burst
 * of records never holds up a look-up. The stream keeps about the newest `maxLength` entries (`MAXLEN ~`): Redis removes
 * whole blocks of the oldest. Records whose acknowledgement was lost are written again and may then stand there twice,
 * with the same id.
 */
export interface RedisSinkOptions {
  redis: RedisSettings;
  maxLength: number;
  clock: Clock;
  random: Random;
  logger: Logger;
}

const ACTION = 'Writing audit records';

export function createRedisSink({ redis, maxLength, clock, random, logger }: RedisSinkOptions): AuditSink {
  const target = parseRedisTarget(redis);
  const link = new RedisLink({ target, name: 'crisp-mcp-audit', clock, random, logger });
  link.open();
  return {
    write: (records) =>
      link.call(ACTION, async ({ client }) => {
        if (records.length === 0) return;
        // One transaction: all of a batch or nothing of it, so that trying again repeats no part that was written.
        const batch = client.multi();
        for (const record of records) batch.xadd(AUDIT_KEY, 'MAXLEN', '~', maxLength, '*', 'record', record);
        const results = await batch.exec();
        const failed = results?.find(([error]) => error !== null)?.[0];
        if (failed) throw failed;
        if (results === null) throw new Error('Redis discarded the batch');
      }),
    close: () => {
      link.close();
      return Promise.resolve();
    },
  };
}
