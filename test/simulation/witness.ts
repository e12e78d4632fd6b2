import type { Secret } from '../../src/kubernetes/core-types.ts';
import type { Clock } from '../../src/process/clock.ts';
import type { ResourceType } from '../../src/resources/object.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { fingerprint, hashToken, isToken, type TokenHash } from '../../src/routes/token.ts';
import { Fence } from './fence.ts';
import { Ledger } from './ledger.ts';
import { Lifetimes } from './lifetimes.ts';
import { decode, type Resources } from './resources.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import {
  API_TOKEN_KIND,
  BEARER_KINDS,
  type BearerKind,
  type BearerRecord,
  SERVER_KIND,
  secretNameOf,
  type TokenBearer,
} from './token-bearers.ts';
import { type Invariant, Violation } from './violation.ts';

/**
 * Stands beside the API and the store and sees every effect at the moment it happens. It keeps the ledger, counts
 * writes, and holds each write of an operator against the invariants. It only notes what it finds: an exception would be
 * caught by the very code that is under test.
 */
export interface WitnessOptions {
  resources: Resources;
  store: MemoryRouteStore;
  time: Clock;
  isLeader: (process: SimulatedProcess) => boolean;
}

export class Witness {
  readonly ledger: Ledger;
  readonly lifetimes: Lifetimes;
  readonly fence = new Fence();
  /** Every effect that operators had, in order. */
  readonly effects: string[] = [];
  violation: Violation | undefined;
  /**
   * Uids of Secrets that an operator created or labelled by a call that was under way when it lost the lease: no fence and
   * no precondition can refuse it. When its owner is gone by then, nobody removes them; no record leads to their token.
   */
  readonly lateSecrets = new Set<string>();
  readonly #options: WitnessOptions;
  #verifying = false;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.time);
    this.lifetimes = new Lifetimes(options.time);
    void options.store.reader().start({
      routeChanged: (hash) => this.#recordChanged(SERVER_KIND, hash),
      apiTokenChanged: (hash) => this.#recordChanged(API_TOKEN_KIND, hash),
      accountChanged: (uid) => this.#accountChanged(uid),
      allChanged: () => this.#allChanged(),
    });
  }

  violate(invariant: Invariant, what: string): void {
    this.violation ??= new Violation(invariant, what);
  }

  begins(process: SimulatedProcess, action: string): void {
    if (process.alive && !this.#options.isLeader(process))
      this.violate('not-leading', `${process.name} began to ${action}`);
  }

  storeWritten(process: SimulatedProcess, action: string, mustFail: boolean): void {
    this.effects.push(`store: ${action}`);
    if (mustFail) this.violate('fence', `${process.name} could ${action} with the epoch of an earlier leader`);
  }

  epochTaken(process: SimulatedProcess, epoch: number): void {
    this.effects.push('store: take an epoch');
    this.fence.taken(epoch, process);
  }

  async whileVerifying(markVerified: () => Promise<void>): Promise<void> {
    this.#verifying = true;
    const pending = markVerified();
    this.#verifying = false;
    await pending;
  }

  /** Users and operators alike: whatever tokens stand in Secrets, and which resources live until when, is remembered. */
  resourcesChanged(): void {
    const { resources } = this.#options;
    for (const secret of resources.secrets()) {
      const token = decode(secret.data?.token);
      const kind = BEARER_KINDS.find(({ secretType }) => secretType === secret.type);
      if (kind !== undefined && isToken(token)) kind.ledgerOf(this.ledger).tokenStands(token);
    }
    this.lifetimes.see(BEARER_KINDS.flatMap((kind) => kind.objects(resources)));
  }

  /** An operator writes to an object of the API. Called right before it; what it returns, right after. */
  apiWrite(process: SimulatedProcess, verb: string, type: ResourceType, name: string): () => void {
    const before = this.#named(type, name);
    return () => {
      const after = this.#named(type, name);
      const isEvent = type.kind === 'Event';
      if (
        !isEvent &&
        before.bearer === after.bearer &&
        before.secret === after.secret &&
        before.account === after.account
      )
        return;
      this.effects.push(`API: ${verb} ${type.kind} ${name}`);
      if (isEvent) return;
      const kind = kindOf(type);
      if (kind !== undefined && before.bearer !== undefined && before.bearer !== after.bearer) {
        this.#bearerWritten(process, verb, kind, before.bearer, after.bearer);
      }
      if (type.kind === 'Secret' && !this.#options.isLeader(process))
        this.lateSecrets.add(after.secret?.metadata.uid ?? '');
      if (before.secret !== undefined && before.secret !== after.secret) {
        this.#secretWritten(process, before.secret, after.secret);
      }
      this.resourcesChanged();
    };
  }

  #named(type: ResourceType, name: string) {
    const { resources } = this.#options;
    const kind = kindOf(type);
    return {
      bearer: kind?.objects(resources).find(({ metadata }) => metadata.name === name),
      secret: type.kind === 'Secret' ? resources.secret(name) : undefined,
      account: type.kind === 'CrispAccount' ? resources.account(name) : undefined,
    };
  }

  #bearerWritten(
    process: SimulatedProcess,
    verb: string,
    kind: BearerKind,
    before: TokenBearer,
    after: TokenBearer | undefined,
  ) {
    const { name, uid = '', finalizers } = before.metadata;
    const it = `${kind.what} ${name}`;
    if (verb === 'delete' && !this.lifetimes.mayDelete(before, process.clock.latest)) {
      this.violate('tombstone', `${process.name} deleted ${it} (expiresAt ${before.spec.expiresAt ?? 'never'})`);
    }
    const wasHeld = finalizers?.includes(kind.finalizer) ?? false;
    const isHeld = after?.metadata.uid === uid && (after.metadata.finalizers?.includes(kind.finalizer) ?? false);
    const records = kind.ledgerOf(this.ledger).of(uid);
    const alive = records.some((record) => isAlive(record, process.clock.latest));
    if (wasHeld && !isHeld && alive && this.#rules(process)) {
      this.violate('token-dead-before-finalizer-goes', `${process.name} let ${it} go while its token was live`);
    }
  }

  #secretWritten(process: SimulatedProcess, before: Secret, after: Secret | undefined): void {
    const { name, labels, uid } = before.metadata;
    const kind = BEARER_KINDS.find(({ secretType }) => secretType === before.type);
    if (kind === undefined) {
      this.violate('foreign-secret', `${process.name} wrote Secret ${name} of type ${before.type ?? 'none'}`);
      return;
    }
    const token = decode(before.data?.token);
    if (after !== undefined && after.metadata.uid === uid) {
      if (decode(after.data?.token) !== token) this.violate('token-kept', `${process.name} changed Secret ${name}`);
      return;
    }
    const label = labels?.[kind.label];
    if (label === undefined || !this.#isOver(process, kind, label)) {
      this.violate('token-kept', `${process.name} deleted Secret ${name} of ${label ?? 'nobody'}`);
    }
    const record = kind.ledgerOf(this.ledger).records.get(hashToken(token));
    const alive = record?.name === label && record !== undefined && isAlive(record, process.clock.latest);
    if (alive && this.#rules(process)) {
      this.violate('token-dead-before-secret-goes', `${process.name} deleted Secret ${name} while its token was live`);
    }
  }

  /** The owner is gone, going, or past an end that it has or had. */
  #isOver(process: SimulatedProcess, kind: BearerKind, name: string): boolean {
    const owner = kind.objects(this.#options.resources).find(({ metadata }) => metadata.name === name);
    return owner === undefined || this.lifetimes.isOver(owner, process.clock.latest);
  }

  /** Nobody has taken over from it, so what it does is what counts. */
  #rules(process: SimulatedProcess): boolean {
    return this.#options.isLeader(process) && this.fence.isLatest(process);
  }

  #recordChanged(kind: BearerKind, hash: TokenHash): void {
    const ledger = kind.ledgerOf(this.ledger);
    const record = kind.storedIn(this.#options.store.dump()).get(hash);
    if (record === undefined) {
      ledger.revoke(hash);
      return;
    }
    ledger.put(hash, record);
    this.resourcesChanged();
    if (!this.lifetimes.everEndedAt(record.uid, record.exp)) {
      this.violate('record-ends-with-owner', `the record of ${kind.what} ${record.name} ends at ${record.exp}`);
    }
    if (!ledger.tokens.has(hash)) {
      this.violate('secret-before-record', `the token ${fingerprint(hash)} of ${record.name} stands in no Secret`);
    }
  }

  #accountChanged(uid: string): void {
    const record = this.#options.store.dump().accounts.get(uid);
    this.ledger.changed();
    if (record === undefined) this.ledger.accounts.delete(uid);
    else this.ledger.accounts.set(uid, record);
  }

  #allChanged(): void {
    this.ledger.changed();
    if (!this.#verifying) return;
    const dump = this.#options.store.dump();
    for (const kind of BEARER_KINDS) {
      const { records, revoked } = kind.ledgerOf(this.ledger);
      for (const [hash, record] of kind.storedIn(dump)) {
        if (records.has(hash) || !revoked.has(hash) || this.#isWanted(kind, hash, record)) continue;
        this.violate(
          'verified-means-rebuilt',
          `the revoked ${kind.what} token ${fingerprint(hash)} of ${record.name} stands in it`,
        );
      }
    }
    this.ledger.settle(dump);
  }

  /** Whether the resources, as they are, call for this record. */
  #isWanted(kind: BearerKind, hash: TokenHash, { uid }: BearerRecord): boolean {
    const { resources, time } = this.#options;
    const owner = kind.objects(resources).find(({ metadata }) => metadata.uid === uid);
    if (owner === undefined || owner.metadata.deletionTimestamp !== undefined) return false;
    const { expiresAt } = owner.spec;
    if ('suspend' in owner.spec && owner.spec.suspend === true) return false;
    if (expiresAt !== undefined && Date.parse(expiresAt) <= time.now()) return false;
    return hashToken(decode(resources.secret(secretNameOf(kind, owner))?.data?.token)) === hash;
  }
}

function kindOf(type: ResourceType): BearerKind | undefined {
  return BEARER_KINDS.find((kind) => kind.type.kind === type.kind);
}

function isAlive({ exp }: BearerRecord, now: number): boolean {
  return exp === null || exp > now;
}
