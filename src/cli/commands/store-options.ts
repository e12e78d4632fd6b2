import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { RedisSettings } from '../../routes/redis/redis-target.ts';

/** How a process finds the route store. */
export interface RedisOptions {
  redisUrl: string;
  redisTlsCa?: string;
}

/** Redis, and the keys to what is in it. */
export function addStoreOptions(command: Command): Command {
  return addRedisOptions(command, { mandatory: true }).addOption(
    new Option('--keyring <path>', 'folder with the files "current" and, during a rotation, "previous"')
      .env('KEYRING')
      .makeOptionMandatory(),
  );
}

export function addRedisOptions(command: Command, { mandatory }: { mandatory: boolean }): Command {
  return command
    .addOption(
      new Option(
        '--redis-url <url>',
        'redis://, rediss://, redis+sentinel:// or redis+cluster://; it may hold a password, so prefer the environment',
      )
        .env('REDIS_URL')
        .makeOptionMandatory(mandatory),
    )
    .addOption(
      new Option('--redis-tls-ca <file>', 'PEM file of the authority behind a rediss:// server').env('REDIS_TLS_CA'),
    );
}

export function redisSettings(options: RedisOptions): RedisSettings {
  return {
    url: options.redisUrl,
    ...(options.redisTlsCa === undefined ? {} : { tlsCa: readFileSync(options.redisTlsCa, 'utf8') }),
  };
}
