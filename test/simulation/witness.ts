import type { Secret } from '../../src/kubernetes/core-types.ts';
import type { Clock } from '../../src/process/clock.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import { SERVER_FINALIZER, SERVER_LABEL, TOKEN_SECRET_TYPE } from '../../src/resources/names.ts';
import type { ResourceType } from '../../src/resources/object.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import type { RouteRecord } from '../../src/routes/records.ts';
import { fingerprint, hashToken, isToken, type TokenHash } from '../../src/routes/token.ts';
import { Fence } from './fence.ts';
import { Ledger } from './ledger.ts';
import { decode, type Resources } from './resources.ts';
import type { SimulatedProcess } from './simulated-process.ts';
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
  readonly fence = new Fence();
  /** Every effect that operators had, in order. */
  readonly effects: string[] = [];
  violation: Violation | undefined;
  /**
   * Uids of Secrets that an operator created or labelled by a call that was under way when it lost the lease: no fence and
   * no precondition can refuse it. When the server is gone by then, nobody removes them; no route leads to their token.
   */
  readonly lateSecrets = new Set<string>();
  readonly #options: WitnessOptions;
  /** Every `expiresAt` that a server ever had: a decision may be older than an edit. */
  readonly #ends = new Map<string, Set<number>>();
  #verifying = false;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.time);
    void options.store.reader().start({
      routeChanged: (hash) => this.#routeChanged(hash),
      apiTokenChanged: () => undefined,
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

  /** Users and operators alike: whatever tokens stand in Secrets, and ends in servers, is remembered. */
  resourcesChanged(): void {
    for (const secret of this.#options.resources.secrets()) {
      const token = decode(secret.data?.token);
      if (secret.type === TOKEN_SECRET_TYPE && isToken(token)) this.ledger.tokenStands(token);
    }
    for (const { metadata, spec } of this.#options.resources.servers()) {
      const ends = this.#ends.get(metadata.uid ?? '') ?? new Set();
      if (spec.expiresAt !== undefined) ends.add(Date.parse(spec.expiresAt));
      this.#ends.set(metadata.uid ?? '', ends);
    }
  }

  /** An operator writes to an object of the API. Called right before it; what it returns, right after. */
  apiWrite(process: SimulatedProcess, verb: string, type: ResourceType, name: string): () => void {
    const { resources } = this.#options;
    const before = { server: resources.server(name), secret: resources.secret(name), account: resources.account(name) };
    return () => {
      const after = {
        server: resources.server(name),
        secret: resources.secret(name),
        account: resources.account(name),
      };
      const isEvent = type.kind === 'Event';
      if (
        !isEvent &&
        before.server === after.server &&
        before.secret === after.secret &&
        before.account === after.account
      )
        return;
      this.effects.push(`API: ${verb} ${type.kind} ${name}`);
      if (isEvent) return;
      if (before.server !== undefined && before.server !== after.server) {
        this.#serverWritten(process, verb, before.server, after.server);
      }
      if (type.kind === 'Secret' && !this.#options.isLeader(process))
        this.lateSecrets.add(after.secret?.metadata.uid ?? '');
      if (before.secret !== undefined && before.secret !== after.secret) {
        this.#secretWritten(process, before.secret, after.secret);
      }
      this.resourcesChanged();
    };
  }

  #serverWritten(process: SimulatedProcess, verb: string, before: CrispMcpServer, after: CrispMcpServer | undefined) {
    const { name, uid = '', finalizers } = before.metadata;
    if (verb === 'delete' && !this.#mayDelete(process, before)) {
      this.violate(
        'tombstone',
        `${process.name} deleted server ${name} (expiresAt ${before.spec.expiresAt ?? 'never'})`,
      );
    }
    const wasHeld = finalizers?.includes(SERVER_FINALIZER) ?? false;
    const isHeld = after?.metadata.uid === uid && (after.metadata.finalizers?.includes(SERVER_FINALIZER) ?? false);
    const alive = this.ledger.routesOf(uid).some((route) => isAlive(route, process.clock.latest));
    if (wasHeld && !isHeld && alive && this.#rules(process)) {
      this.violate('route-before-finalizer-goes', `${process.name} let server ${name} go while its URL was live`);
    }
  }

  #mayDelete(process: SimulatedProcess, { metadata, spec }: CrispMcpServer): boolean {
    if (spec.expiresAt === undefined || spec.expirationPolicy === 'Retain') return false;
    const end = Date.parse(spec.expiresAt);
    return end <= process.clock.latest && Date.parse(metadata.creationTimestamp ?? '') < end;
  }

  #secretWritten(process: SimulatedProcess, before: Secret, after: Secret | undefined): void {
    const { name } = before.metadata;
    if (before.type !== TOKEN_SECRET_TYPE) {
      this.violate('foreign-secret', `${process.name} wrote Secret ${name} of type ${before.type ?? 'none'}`);
      return;
    }
    const token = decode(before.data?.token);
    if (after !== undefined && after.metadata.uid === before.metadata.uid) {
      if (decode(after.data?.token) !== token) this.violate('token-kept', `${process.name} changed Secret ${name}`);
      return;
    }
    const label = before.metadata.labels?.[SERVER_LABEL];
    if (label === undefined || !this.#isOver(process, label)) {
      this.violate('token-kept', `${process.name} deleted Secret ${name} of ${label ?? 'nobody'}`);
    }
    const route = this.ledger.routes.get(hashToken(token));
    if (route?.name === label && route !== undefined && isAlive(route, process.clock.latest) && this.#rules(process)) {
      this.violate('route-before-secret-goes', `${process.name} deleted Secret ${name} while its URL was live`);
    }
  }

  /** The server is gone, going, or past an end that it has or had. */
  #isOver(process: SimulatedProcess, name: string): boolean {
    const server = this.#options.resources.server(name);
    if (server?.metadata.deletionTimestamp !== undefined || server === undefined) return true;
    const wasExpired = server.status?.conditions?.some(({ type }) => type === 'Expired') ?? false;
    const ends = this.#ends.get(server.metadata.uid ?? '') ?? [];
    return wasExpired || [...ends].some((end) => end <= process.clock.latest);
  }

  /** Nobody has taken over from it, so what it does is what counts. */
  #rules(process: SimulatedProcess): boolean {
    return this.#options.isLeader(process) && this.fence.isLatest(process);
  }

  #routeChanged(hash: TokenHash): void {
    const record = this.#options.store.dump().routes.get(hash);
    if (record === undefined) {
      this.ledger.revoke(hash);
      return;
    }
    this.ledger.put(hash, record);
    if (!this.ledger.tokens.has(hash)) {
      this.violate('secret-before-route', `the token ${fingerprint(hash)} of ${record.name} stands in no Secret`);
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
    const { routes, accounts } = this.#options.store.dump();
    for (const [hash, record] of routes) {
      if (this.ledger.routes.has(hash) || !this.ledger.revoked.has(hash) || this.#isWanted(hash, record)) continue;
      this.violate('verified-means-rebuilt', `the revoked route ${fingerprint(hash)} of ${record.name} stands in it`);
    }
    this.ledger.settle(routes, accounts);
  }

  /** Whether the resources, as they are, call for this route. */
  #isWanted(hash: TokenHash, { uid }: RouteRecord): boolean {
    const { resources, time } = this.#options;
    const server = resources.servers().find(({ metadata }) => metadata.uid === uid);
    if (server === undefined || server.metadata.deletionTimestamp !== undefined) return false;
    const { suspend, expiresAt, secretName = `${server.metadata.name}-mcp` } = server.spec;
    if (suspend === true || (expiresAt !== undefined && Date.parse(expiresAt) <= time.now())) return false;
    return hashToken(decode(resources.secret(secretName)?.data?.token)) === hash;
  }
}

function isAlive(route: RouteRecord, now: number): boolean {
  return route.exp === null || route.exp > now;
}
