import type { Clock } from '../../process/clock.ts';
import type { CrispApiToken, EffectiveApiToken } from '../../resources/crisp-api-token.ts';
import { type KubernetesObject, keyFor } from '../../resources/object.ts';
import type { ClusterView } from '../cluster-view.ts';
import { isOlder } from '../server/gather.ts';
import { hasExpired } from '../server/lifetime.ts';
import type { StoreSituation } from '../server/situation.ts';
import type { TokenSecretFacts } from '../server/token-secret.ts';
import type { StoreSync } from '../store-sync.ts';
import { apiTokenSecretNameOf, readApiTokenSpec } from './read-spec.ts';
import type { ApiTokenSituation } from './situation.ts';

export interface GatherApiTokenOptions {
  view: ClusterView;
  store: StoreSync;
  clock: Clock;
  /** Whether the store's confirmation may be done without. */
  mayAbandon: (object: KubernetesObject) => Promise<boolean>;
}

/** Collects what a decision about an API token needs. Reads the API only where the caches cannot answer. */
export class ApiTokenGatherer {
  readonly #options: GatherApiTokenOptions;

  constructor(options: GatherApiTokenOptions) {
    this.#options = options;
  }

  async gather(apiToken: CrispApiToken): Promise<ApiTokenSituation> {
    const { view, store } = this.#options;
    // One that never had a token is not looked up: creating its Secret finds out at no extra cost.
    const hadToken = apiToken.status?.fingerprint !== undefined || apiToken.metadata.deletionTimestamp !== undefined;
    const confirmAbsence = hadToken || this.#hasExpired(apiToken);
    const situation = this.#assemble(apiToken, await view.tokenSecrets.find(secretKeyOf(apiToken), { confirmAbsence }));
    const hash = situation.secret?.token.kind === 'valid' ? situation.secret.token.hash : undefined;
    const holder = hash === undefined ? undefined : store.mirror.apiTokens.holderOf(hash);
    const isOther = holder !== undefined && holder !== apiToken.metadata.uid;
    return { ...situation, tokenHolder: isOther ? view.apiTokenOfUid(holder) : undefined };
  }

  /** As far as it can be said without reading anything; who holds the token is left open. */
  peek(apiToken: CrispApiToken): ApiTokenSituation | undefined {
    const secret = this.#options.view.tokenSecrets.peek(secretKeyOf(apiToken));
    return secret === 'unknown' ? undefined : this.#assemble(apiToken, secret);
  }

  /** What remains possible when the store has just failed. */
  async storeFailure(apiToken: CrispApiToken): Promise<StoreSituation> {
    const { store, clock, mayAbandon } = this.#options;
    return {
      failed: true,
      routeOutlived: store.mirror.apiTokens.hasOutlived(apiToken.metadata.uid ?? '', clock.now()),
      abandonRoute: await mayAbandon(apiToken),
    };
  }

  #assemble(apiToken: CrispApiToken, secret: TokenSecretFacts | undefined): ApiTokenSituation {
    const spec = readApiTokenSpec(apiToken);
    return {
      now: this.#options.clock.now(),
      apiToken,
      spec,
      secret,
      secretRival: spec.kind === 'valid' ? this.#rival(apiToken, spec.effective) : undefined,
      tokenHolder: undefined,
      store: { failed: false, routeOutlived: false, abandonRoute: false },
    };
  }

  /** Another one with an older claim to the same Secret. */
  #rival(apiToken: CrispApiToken, effective: EffectiveApiToken): string | undefined {
    const { view } = this.#options;
    const namespace = apiToken.metadata.namespace ?? '';
    for (const key of view.apiTokensOfSecret(keyFor(namespace, effective.secretName))) {
      const other = view.apiTokens.get(key);
      if (other === undefined || other.metadata.uid === apiToken.metadata.uid) continue;
      const claims = other.metadata.deletionTimestamp === undefined && !this.#hasExpired(other);
      if (claims && isOlder(other, apiToken)) return other.metadata.name;
    }
    return undefined;
  }

  #hasExpired(apiToken: CrispApiToken): boolean {
    const spec = readApiTokenSpec(apiToken);
    return spec.kind === 'valid' && hasExpired(apiToken, spec.effective, this.#options.clock.now());
  }
}

export function secretKeyOf(apiToken: CrispApiToken): string {
  return keyFor(apiToken.metadata.namespace ?? '', apiTokenSecretNameOf(apiToken));
}
