import { type Secret, secretType } from '../../kubernetes/core-types.ts';
import type { EmbeddedObjectApi } from '../../kubernetes/embedded/embedded-object-api.ts';
import { Reflector } from '../../kubernetes/reflector.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { effectiveServer } from '../../resources/effective-server.ts';
import { API_TOKEN_SECRET_TYPE, TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { keyFor, keyOf, type ObjectKey } from '../../resources/object.ts';
import { announcementOf, type ServerAnnouncement } from './announcements.ts';
import type { StateFile } from './state-file.ts';

/**
 * Follows servers and their token Secrets in the resource API: saves the Secrets whenever one changes, and tells of each
 * server whose state, URL, expiry or number of tools changes, so that an edit of the filter is seen to work. A URL is told only once it is on disk, so that what people copy survives a
 * restart; when the disk refuses, it is told all the same and the loss is logged.
 */
export interface ServerWatchOptions {
  readonly api: EmbeddedObjectApi;
  readonly stateFile: StateFile;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly announce: (announcement: ServerAnnouncement) => void;
}

export class ServerWatch {
  readonly #options: ServerWatchOptions;
  readonly #servers: Reflector<CrispMcpServer>;
  readonly #secrets: Reflector<Secret>;
  readonly #told = new Map<ObjectKey, string>();
  readonly #latest = new Map<ObjectKey, ServerAnnouncement>();
  #saved: Promise<void> = Promise.resolve();

  constructor(options: ServerWatchOptions) {
    this.#options = options;
    const shared = { api: options.api, clock: options.clock, random: options.random, logger: options.logger };
    this.#servers = new Reflector({ ...shared, type: crispMcpServerType });
    this.#secrets = new Reflector({ ...shared, type: secretType, fieldSelector: `type=${TOKEN_SECRET_TYPE}` });
    this.#servers.onChange((change) => {
      if (change.kind === 'removed') this.#tell(change.before, true);
      else this.#tell(change.object, false);
    });
    this.#secrets.onChange((change) => {
      void this.save();
      for (const server of this.#servers.list()) {
        if (secretKeyOf(server) === change.key) this.#tell(server, false);
      }
    });
  }

  /** What was last told of each server that there is, in the order of their names. */
  get latest(): readonly ServerAnnouncement[] {
    return [...this.#latest].sort(([a], [b]) => a.localeCompare(b)).map(([, announcement]) => announcement);
  }

  async start(): Promise<void> {
    this.#secrets.start();
    this.#servers.start();
    await Promise.all([this.#secrets.waitForSync(), this.#servers.waitForSync()]);
  }

  /** Resolves when the last change is on disk. */
  async stop(): Promise<void> {
    await Promise.all([this.#servers.stop(), this.#secrets.stop()]);
    await this.#saved;
  }

  /** Remembers all token Secrets, those of API tokens included; never fails. */
  save(): Promise<void> {
    const { api, stateFile, logger } = this.#options;
    const secrets = api
      .snapshot([secretType])
      .filter(
        (secret) => 'type' in secret && (secret.type === TOKEN_SECRET_TYPE || secret.type === API_TOKEN_SECRET_TYPE),
      );
    this.#saved = stateFile.save(secrets).catch((error: unknown) => {
      logger.error('The URLs could not be saved and will not survive a restart', { error });
    });
    return this.#saved;
  }

  #tell(server: CrispMcpServer, deleted: boolean): void {
    const url = urlIn(this.#secrets.get(secretKeyOf(server)));
    const announcement = announcementOf(server, { url, deleted, now: this.#options.clock.now() });
    // Its Secret is on its way, with another call of this function.
    if (announcement.state === 'ready' && url === undefined) return;
    const { state, expiresAt, tools, message } = announcement;
    const key = keyOf(server);
    const told = JSON.stringify([state, announcement.url, expiresAt, tools, state === 'not-ready' ? message : '']);
    if (this.#told.get(key) === told) return;
    if (deleted) this.#told.delete(key);
    else this.#told.set(key, told);
    void this.#saved.then(() => {
      if (deleted) this.#latest.delete(key);
      else this.#latest.set(key, announcement);
      this.#options.announce(announcement);
    });
  }
}

function secretKeyOf(server: CrispMcpServer): ObjectKey {
  return keyFor(server.metadata.namespace ?? '', effectiveServer(server).secretName);
}

function urlIn(secret: Secret | undefined): string | undefined {
  const value = secret?.data?.url;
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}
