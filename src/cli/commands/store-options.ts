import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { RedisSettings } from '../../routes/redis/redis-target.ts';

/** How operator and gateway find the route store and the keys to it. */
export interface StoreOptions {
  redisUrl: string;
  redisTlsCa?: string;
  keyring: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--redis-url <url>',
        'redis://, rediss://, redis+sentinel:// or redis+cluster://; it may hold a password, so prefer the environment',
      )
        .env('REDIS_URL')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--redis-tls-ca <file>', 'PEM file of the authority behind a rediss:// server').env('REDIS_TLS_CA'),
    )
    .addOption(
      new Option('--keyring <path>', 'folder with the files "current" and, during a rotation, "previous"')
        .env('KEYRING')
        .makeOptionMandatory(),
    );
}

export function redisSettings(options: StoreOptions): RedisSettings {
  return {
    url: options.redisUrl,
    ...(options.redisTlsCa === undefined ? {} : { tlsCa: readFileSync(options.redisTlsCa, 'utf8') }),
  };
}
