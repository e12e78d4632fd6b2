import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { secretType } from '../../kubernetes/core-types.ts';
import type { EmbeddedObjectApi } from '../../kubernetes/embedded/embedded-object-api.ts';
import { Reflector } from '../../kubernetes/reflector.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { type CrispApiToken, crispApiTokenType } from '../../resources/crisp-api-token.ts';
import { type ObjectKey, splitKey } from '../../resources/object.ts';

/**
 * Hands out API tokens where there is no kubectl: each stands in a file of its own, `<namespace>/<name>`, readable by its
 * owner alone, for as long as its CrispApiToken lives. A token is never printed, only where it is. Changes are carried out
 * in order, one after the other; a disk that refuses is logged.
 */
export interface ApiTokenFilesOptions {
  readonly api: EmbeddedObjectApi;
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Remembers the Secrets for the next start; a token is handed out only then. */
  readonly save: () => Promise<void>;
  readonly announce: (announcement: ApiTokenAnnouncement) => void;
}

export interface ApiTokenAnnouncement {
  readonly namespace: string;
  readonly name: string;
  /** Where the token is; `undefined` once it is dead. */
  readonly file: string | undefined;
}

export class ApiTokenFiles {
  readonly #options: ApiTokenFilesOptions;
  readonly #apiTokens: Reflector<CrispApiToken>;
  readonly #written = new Map<ObjectKey, string>();
  #work: Promise<void> = Promise.resolve();

  constructor(options: ApiTokenFilesOptions) {
    this.#options = options;
    const { api, clock, random, logger } = options;
    this.#apiTokens = new Reflector({ api, clock, random, logger, type: crispApiTokenType });
    this.#apiTokens.onChange(({ key }) => {
      this.#work = this.#work
        .then(() => this.#follow(key))
        .catch((error: unknown) => {
          logger.error('The file of an API token could not be written', { object: key, error });
        });
    });
  }

  /** What is left of tokens that died while nobody was here goes first. */
  async start(): Promise<void> {
    await rm(this.#options.folder, { recursive: true, force: true });
    this.#apiTokens.start();
    await this.#apiTokens.waitForSync();
    await this.#work;
  }

  async stop(): Promise<void> {
    await this.#apiTokens.stop();
    await this.#work;
  }

  async #follow(key: ObjectKey): Promise<void> {
    const { folder, save, announce } = this.#options;
    const { namespace, name } = splitKey(key);
    const file = join(folder, namespace, name);
    const token = await this.#tokenOf(this.#apiTokens.get(key));
    if (this.#written.get(key) === token) return;
    await save();
    if (token === undefined) {
      await rm(file, { force: true });
      this.#written.delete(key);
    } else {
      await writePrivately(file, `${token}\n`);
      this.#written.set(key, token);
    }
    announce({ namespace, name, file: token === undefined ? undefined : file });
  }

  async #tokenOf(apiToken: CrispApiToken | undefined): Promise<string | undefined> {
    if (apiToken?.status?.reason !== 'Issued' || apiToken.metadata.deletionTimestamp !== undefined) return undefined;
    const reference = { namespace: apiToken.metadata.namespace ?? '', name: apiToken.status.secretName ?? '' };
    const secret = await this.#options.api.get(secretType, reference);
    const token = secret?.data?.token;
    return token === undefined ? undefined : Buffer.from(token, 'base64').toString('utf8');
  }
}

async function writePrivately(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, file);
}

/** One line for people. */
export function apiTokenText({ namespace, name, file }: ApiTokenAnnouncement): string {
  return file === undefined
    ? `API token ${namespace}/${name} is dead; its file is gone.`
    : `API token ${namespace}/${name} is in ${file} (send it as "Authorization: Bearer …")`;
}
