import { type Secret, secretType } from '../kubernetes/core-types.ts';
import { listPages } from '../kubernetes/list-pages.ts';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import type { ObjectCache } from '../kubernetes/object-cache.ts';
import type { Clock } from '../process/clock.ts';
import { RecentMap } from '../process/recent-map.ts';
import { API_TOKEN_LABEL, SERVER_LABEL } from '../resources/names.ts';
import { type KubernetesObject, keyFor, keyOf, type ObjectKey, splitKey } from '../resources/object.ts';
import { readTokenSecret, type TokenSecretFacts } from './token-owner/token-secret.ts';

/**
 * What is known of token Secrets without reading them again: facts by uid and resourceVersion, beside a watch of their
 * metadata. One is read when the watch shows a version whose facts are unknown; one just written is known from the
 * answer until the watch shows it. An answer that the watch has overtaken is not kept: it may be the older of the two, and
 * a token that was taken away would live on. Nor is one about a Secret that the watch has shown and shown gone before it
 * came. Tokens themselves are not kept.
 */
interface Knowledge {
  /** `undefined`: there is none (any more). */
  readonly facts: TokenSecretFacts | undefined;
  /** Set while the watch still shows an older state, namely this one. */
  readonly ahead: { readonly of: string; readonly since: number } | undefined;
}

/** How long an answer is believed against the watch: a watch that lost its events must not hide a deletion for ever. */
const AHEAD_MS = 30_000;
/** More than go while one call is under way. */
const MOST_REMOVED = 10_000;

export class TokenSecrets {
  readonly #api: ObjectApi;
  readonly #watched: ObjectCache<KubernetesObject>;
  readonly #clock: Clock;
  readonly #known = new Map<ObjectKey, Knowledge>();
  /** Uids of Secrets that the watch has shown gone. */
  readonly #removed = new RecentMap<string, true>({ max: MOST_REMOVED });
  readonly close: () => void;

  constructor(options: { api: ObjectApi; watched: ObjectCache<KubernetesObject>; clock: Clock }) {
    this.#api = options.api;
    this.#watched = options.watched;
    this.#clock = options.clock;
    this.close = options.watched.onChange((change) => {
      if (change.kind !== 'removed') return;
      this.#removed.set(change.before.metadata.uid ?? '', true);
      const { facts } = this.#known.get(change.key) ?? {};
      if (facts === undefined || facts.uid === change.before.metadata.uid) this.#known.delete(change.key);
    });
  }

  /** How many are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** The facts, read now if need be. An absence that only the watch shows is confirmed by a read when asked for. */
  async find(key: ObjectKey, options: { confirmAbsence: boolean }): Promise<TokenSecretFacts | undefined> {
    const known = this.#current(key);
    if (known !== undefined) return known.facts;
    if (this.#watched.get(key) === undefined && !options.confirmAbsence) return undefined;
    return await this.reread(key);
  }

  async reread(key: ObjectKey): Promise<TokenSecretFacts | undefined> {
    const shown = versionOf(this.#watched.get(key));
    const known = this.#known.get(key);
    const secret = await this.#api.get(secretType, splitKey(key));
    const facts = secret === undefined ? undefined : readTokenSecret(secret);
    // What was learned meanwhile, by a write say, may be newer.
    if (this.#known.get(key) === known) this.#learn(key, facts, shown);
    return facts;
  }

  /** The facts if they are known without reading; `'unknown'` when the watch shows a version that was not read. */
  peek(key: ObjectKey): TokenSecretFacts | undefined | 'unknown' {
    const known = this.#current(key);
    if (known !== undefined) return known.facts;
    return this.#watched.get(key) === undefined ? undefined : 'unknown';
  }

  /** Reads all token Secrets page by page: far cheaper than one by one when a leadership begins. */
  async prime(namespaces: readonly string[] | undefined): Promise<void> {
    for (const namespace of namespaces ?? [undefined]) {
      for (const labelSelector of [SERVER_LABEL, API_TOKEN_LABEL]) {
        for await (const secrets of listPages(this.#api, secretType, namespace, { labelSelector })) {
          for (const secret of secrets) this.#learnFromPage(secret);
        }
      }
    }
  }

  /** The answer of a write that was made upon `basis`, or upon nothing. */
  wrote(secret: Secret, basis?: TokenSecretFacts): void {
    this.#learn(keyOf(secret), readTokenSecret(secret), versionOfFacts(basis));
  }

  deleted(namespace: string, secret: TokenSecretFacts): void {
    this.#learn(keyFor(namespace, secret.name), undefined, versionOfFacts(secret));
  }

  /** All pages show the moment of the first, so only what the watch shows too is sure to be no older than the watch. */
  #learnFromPage(secret: Secret): void {
    const key = keyOf(secret);
    if (this.#current(key) !== undefined || versionOf(secret) !== versionOf(this.#watched.get(key))) return;
    this.#known.set(key, { facts: readTokenSecret(secret), ahead: undefined });
  }

  /** An answer that follows the version `since`. */
  #learn(key: ObjectKey, facts: TokenSecretFacts | undefined, since: string): void {
    const shown = versionOf(this.#watched.get(key));
    const known = this.#known.get(key);
    const isShown = shown === versionOfFacts(facts);
    const continues = known?.ahead?.of === shown && versionOfFacts(known.facts) === since;
    if (facts !== undefined && this.#removed.get(facts.uid) === true) this.#known.delete(key);
    else if (isShown && facts !== undefined) this.#known.set(key, { facts, ahead: undefined });
    else if (!isShown && (shown === since || continues)) {
      this.#known.set(key, { facts, ahead: { of: shown, since: this.#clock.monotonic() } });
    } else this.#known.delete(key);
  }

  /** What is known, as long as the watch shows that version or still the one before it. */
  #current(key: ObjectKey): Knowledge | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    const shown = versionOf(this.#watched.get(key));
    if (shown === versionOfFacts(known.facts)) {
      if (known.ahead !== undefined) this.#known.set(key, { facts: known.facts, ahead: undefined });
      return known;
    }
    const { ahead } = known;
    const believed = ahead?.of === shown && this.#clock.monotonic() - ahead.since < AHEAD_MS;
    return believed ? known : undefined;
  }
}

function versionOf(object: KubernetesObject | undefined): string {
  return object === undefined ? '' : `${object.metadata.uid ?? ''}/${object.metadata.resourceVersion ?? ''}`;
}

function versionOfFacts(facts: TokenSecretFacts | undefined): string {
  return facts === undefined ? '' : `${facts.uid}/${facts.resourceVersion}`;
}
