import type { ObjectCache } from '../../kubernetes/object-cache.ts';
import type { ObjectKey, ResourceType } from '../../resources/object.ts';
import type { TokenHash } from '../../routes/token.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { FreshObjects } from '../fresh-objects.ts';
import type { StoreSync } from '../store-sync.ts';
import type { TokenMirror } from '../token-mirror.ts';
import type { VanishedObjects } from '../vanished-objects.ts';
import type { Saying } from './outcome.ts';
import type { CommonReason, Outcome, OwnerTypes, Situation, SpecReading } from './situation.ts';
import type { TokenSecretContent, TokenSecretKind } from './token-secret.ts';

/** All in which one kind of token owner differs from the other; the rest of this folder is the same for both. */
export interface OwnerKind<T extends OwnerTypes> {
  readonly type: ResourceType<T['owner']>;
  readonly finalizer: string;
  readonly secret: TokenSecretKind;
  readonly words: OwnerWords;
  /** Reasons that come with an event of type Normal. */
  readonly normalReasons: ReadonlySet<CommonReason | T['reason']>;
  /** Of the event that the finalizer goes although the store did not confirm. */
  readonly abandonedReason: string;
  /** Also of a spec that cannot be read otherwise. */
  secretNameOf(owner: T['owner']): string;
  read(owner: T['owner']): SpecReading<T['effective']>;
  /** What stands in the Secret beside the token, `expiresAt` apart. */
  contentOf(situation: Situation<T>, effective: T['effective']): Omit<TokenSecretContent, 'expiresAt'>;
  recordOf(situation: Situation<T>, effective: T['effective']): T['record'];
  /** How an owner stands whose token is in the store. */
  live(situation: Situation<T>, effective: T['effective']): Saying<T['reason']>;
  /** How one stands that keeps its token out of the store by its own will; `undefined` for all others. */
  dormant(effective: T['effective']): Saying<T['reason']> | undefined;
  /** What the outcome says besides; `hasToken` when it names a token. */
  alsoSays(situation: Situation<T>, hasToken: boolean): T['said'];
  /** Fields of the status that only this kind has. */
  alsoShows(outcome: Outcome<T>, owner: T['owner']): object;
  seenIn(view: ClusterView): SeenOwners<T['owner']>;
  storedBy(store: StoreSync): StoredRecords<T['record']>;
}

/** How messages for people speak of the kind. */
export interface OwnerWords {
  /** "this server" */
  readonly it: string;
  /** What a client holds, and what dies: "URL". */
  readonly key: string;
  /** As in "as soon as its URL is known to be dead". */
  readonly itsKey: string;
  /** As in "the URL is dead until then". */
  readonly refused: string;
  /** As in "kept and not served". */
  readonly honoured: string;
}

/** Where the operator sees the owners of a kind. */
export interface SeenOwners<O extends OwnerTypes['owner']> {
  readonly fresh: FreshObjects<O>;
  readonly watched: ObjectCache<O>;
  readonly vanished: VanishedObjects;
  ofSecret(secret: ObjectKey): readonly ObjectKey[];
  ofUid(uid: string): ObjectKey | undefined;
}

/** The records of a kind, through the leader's hand on the store. */
export interface StoredRecords<R> {
  readonly mirror: TokenMirror;
  put(hash: TokenHash, record: R): Promise<void>;
  /** All of the owner, or all but `keep`. */
  deleteOf(uid: string, keep?: TokenHash): Promise<void>;
}
