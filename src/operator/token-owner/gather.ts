import type { Clock } from '../../process/clock.ts';
import { type KubernetesObject, keyFor, type ObjectKey } from '../../resources/object.ts';
import type { MayAbandon } from '../abandonment.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { StoreSync } from '../store-sync.ts';
import { hasExpired } from './lifetime.ts';
import type { OwnerKind } from './owner-kind.ts';
import type { EffectiveOwner, OwnerTypes, Situation, SpecReading, StoreSituation } from './situation.ts';
import type { TokenSecretFacts } from './token-secret.ts';

/** Collects what a decision about a token owner needs. Reads the API only where the caches cannot answer. */
export interface GatherOptions<T extends OwnerTypes> {
  kind: OwnerKind<T>;
  view: ClusterView;
  store: StoreSync;
  clock: Clock;
  mayAbandon: MayAbandon;
  factsOf: (owner: T['owner'], spec: SpecReading<T['effective']>) => T['facts'];
}

export class OwnerGatherer<T extends OwnerTypes> {
  readonly #options: GatherOptions<T>;

  constructor(options: GatherOptions<T>) {
    this.#options = options;
  }

  async gather(owner: T['owner']): Promise<Situation<T>> {
    const { kind, view, store } = this.#options;
    // One that never had a token is not looked up: creating its Secret finds out at no extra cost.
    const hadToken = owner.status?.fingerprint !== undefined || owner.metadata.deletionTimestamp !== undefined;
    const confirmAbsence = hadToken || this.#hasExpired(owner);
    const secret = await view.tokenSecrets.find(secretKeyOf(kind, owner), { confirmAbsence });
    const hash = secret?.token.kind === 'valid' ? secret.token.hash : undefined;
    const holder = hash === undefined ? undefined : kind.storedBy(store).mirror.holderOf(hash);
    const isOther = holder !== undefined && holder !== owner.metadata.uid;
    return this.#assemble(owner, secret, isOther ? kind.seenIn(view).ofUid(holder) : undefined);
  }

  /** As far as it can be said without reading anything; who holds the token is left open. */
  peek(owner: T['owner']): Situation<T> | undefined {
    const secret = this.#options.view.tokenSecrets.peek(secretKeyOf(this.#options.kind, owner));
    return secret === 'unknown' ? undefined : this.#assemble(owner, secret, undefined);
  }

  /** What remains possible when the store has just failed. */
  async storeFailure(owner: T['owner']): Promise<StoreSituation> {
    const { kind, store, clock, mayAbandon } = this.#options;
    return {
      failed: true,
      recordOutlived: kind.storedBy(store).mirror.hasOutlived(owner.metadata.uid ?? '', clock.now()),
      abandonRecord: await mayAbandon(owner),
    };
  }

  #assemble(owner: T['owner'], secret: TokenSecretFacts | undefined, tokenHolder: string | undefined): Situation<T> {
    const { kind, clock, factsOf } = this.#options;
    const spec = kind.read(owner);
    return {
      now: clock.now(),
      owner,
      spec,
      secret,
      secretRival: spec.kind === 'valid' ? this.#rival(owner, spec.effective) : undefined,
      tokenHolder,
      store: { failed: false, recordOutlived: false, abandonRecord: false },
      ...factsOf(owner, spec),
    };
  }

  /** Another one with an older claim to the same Secret. */
  #rival(owner: T['owner'], effective: EffectiveOwner): string | undefined {
    const { kind, view } = this.#options;
    const { fresh, ofSecret } = kind.seenIn(view);
    for (const key of ofSecret(keyFor(owner.metadata.namespace ?? '', effective.secretName))) {
      const other = fresh.get(key);
      if (other === undefined || other.metadata.uid === owner.metadata.uid) continue;
      const claims = other.metadata.deletionTimestamp === undefined && !this.#hasExpired(other);
      if (claims && isOlder(other, owner)) return other.metadata.name;
    }
    return undefined;
  }

  #hasExpired(owner: T['owner']): boolean {
    const spec = this.#options.kind.read(owner);
    return spec.kind === 'valid' && hasExpired(owner, spec.effective, this.#options.clock.now());
  }
}

export function secretKeyOf<T extends OwnerTypes>({ secretNameOf }: OwnerKind<T>, owner: T['owner']): ObjectKey {
  return keyFor(owner.metadata.namespace ?? '', secretNameOf(owner));
}

/** Earlier creation, then the lower uid: who wins when two objects claim one thing. */
export function isOlder(one: KubernetesObject, other: KubernetesObject): boolean {
  const [a, b] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`);
  return (a ?? '') < (b ?? '');
}
