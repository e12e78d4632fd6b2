import { createHmac, type KeyObject } from 'node:crypto';
import type { CrispCredential } from '../../crisp/outcome.ts';
import { type Secret, secretType } from '../../kubernetes/core-types.ts';
import { listPages } from '../../kubernetes/list-pages.ts';
import type { ObjectApi } from '../../kubernetes/object-api.ts';
import type { ObjectCache } from '../../kubernetes/object-cache.ts';
import type { Tier } from '../../resources/crisp-account.ts';
import { TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { type KubernetesObject, keyOf, type ObjectKey, splitKey } from '../../resources/object.ts';

/**
 * The Crisp credentials that accounts name, read once for each version of their Secret. They are kept in memory, and
 * only there, so that a store that lost everything is rebuilt without asking the API server for each of them.
 */
export type CredentialReading =
  | { readonly found: 'absent' }
  | { readonly found: 'incomplete'; readonly missingKeys: readonly string[] }
  | { readonly found: 'present'; readonly credential: CrispCredential; readonly secretUid: string };

const ABSENT: CredentialReading = { found: 'absent' };
/** Types that are never credentials, the first of them often a megabyte each. */
const NOT_THESE = ['helm.sh/release.v1', 'kubernetes.io/service-account-token', TOKEN_SECRET_TYPE];

export class CredentialSecrets {
  readonly #api: ObjectApi;
  readonly #watched: ObjectCache<KubernetesObject>;
  readonly #read = new Map<ObjectKey, { readonly version: string; readonly reading: CredentialReading }>();
  readonly close: () => void;

  constructor(options: { api: ObjectApi; watched: ObjectCache<KubernetesObject> }) {
    this.#api = options.api;
    this.#watched = options.watched;
    this.close = options.watched.onChange((change) => {
      if (change.kind === 'removed') this.#read.delete(change.key);
    });
  }

  async find(key: ObjectKey): Promise<CredentialReading> {
    const shown = this.#watched.get(key);
    if (shown === undefined) return ABSENT;
    const version = versionOf(shown);
    const read = this.#read.get(key);
    if (read?.version === version) return read.reading;
    const secret = await this.#api.get(secretType, splitKey(key));
    if (secret === undefined) return ABSENT;
    return this.#keep(key, secret);
  }

  /** Whether {@link CredentialSecrets.find} would have to ask the API. */
  isUnread(key: ObjectKey): boolean {
    const shown = this.#watched.get(key);
    return shown !== undefined && this.#read.get(key)?.version !== versionOf(shown);
  }

  /** Reads those that are `wanted` page by page: when there are many, far cheaper than one by one. */
  async prime(namespaces: readonly string[] | undefined, wanted: ReadonlySet<ObjectKey>): Promise<void> {
    for (const namespace of namespaces ?? [undefined]) {
      const fieldSelector = NOT_THESE.map((type) => `type!=${type}`).join(',');
      for await (const secrets of listPages(this.#api, secretType, namespace, { fieldSelector })) {
        for (const secret of secrets) {
          const key = keyOf(secret);
          const shown = this.#watched.get(key);
          // Later pages show the moment of the first, so one may be older than what the watch shows by now.
          if (wanted.has(key) && shown !== undefined && versionOf(shown) === versionOf(secret)) this.#keep(key, secret);
        }
      }
    }
  }

  #keep(key: ObjectKey, secret: Secret): CredentialReading {
    const reading = readCredential(secret);
    this.#read.set(key, { version: versionOf(secret), reading });
    return reading;
  }
}

/** The credential in a Secret that an account names. */
export function readCredential(secret: Secret): CredentialReading {
  const identifier = decode(secret.data?.identifier);
  const key = decode(secret.data?.key);
  if (identifier !== '' && key !== '') {
    return { found: 'present', credential: { identifier, key }, secretUid: secret.metadata.uid ?? '' };
  }
  const missingKeys = [...(identifier === '' ? ['identifier'] : []), ...(key === '' ? ['key'] : [])];
  return { found: 'incomplete', missingKeys };
}

/**
 * Names one state of one credential without telling anything of it: a digest under a key of the installation. It stands
 * in the account's status, so that a restarted operator knows what it has asked Crisp about. A plain digest would let
 * whoever reads the status confirm a guessed key. While the key is rotated the digest by either key is understood; without the other, each credential is asked about once more.
 * The Secret's uid is part of it: creating a Secret anew is how a person asks for another check of the same credential.
 */
export function credentialRevision(
  revisionKey: KeyObject | Uint8Array,
  subject: { websiteId: string; origin: string; tier: Tier; secretUid: string; credential: CrispCredential },
): string {
  const { websiteId, origin, tier, secretUid, credential } = subject;
  const parts = ['crisp-mcp credential 1', websiteId, origin, tier, secretUid, credential.identifier, credential.key];
  return createHmac('sha256', revisionKey).update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function versionOf(object: KubernetesObject): string {
  return `${object.metadata.uid ?? ''}/${object.metadata.resourceVersion ?? ''}`;
}

/** A trailing newline is what `echo` and editors leave in a Secret; no part of a Crisp token has one. */
function decode(base64: string | undefined): string {
  return base64 === undefined ? '' : Buffer.from(base64, 'base64').toString('utf8').trim();
}
