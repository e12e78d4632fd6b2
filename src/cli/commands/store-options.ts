import { type Command, Option } from 'commander';

/** How operator and gateway find the route store and the keys to it. */
export interface StoreOptions {
  redisUrl: string;
  keyring: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--redis-url <url>', 'redis://, rediss:// or unix path; holds a password, so prefer the environment')
        .env('REDIS_URL')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--keyring <path>', 'folder with the files "current" and, during a rotation, "previous"')
        .env('KEYRING')
        .makeOptionMandatory(),
    );
}
