import { availableTo, selectTools } from '../../catalog/filter.ts';
import type { Tier, Tool } from '../../catalog/tool.ts';
import { namespaceType } from '../../kubernetes/core-types.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { Clock } from '../../process/clock.ts';
import { findCondition } from '../../resources/conditions.ts';
import type { CrispAccount } from '../../resources/crisp-account.ts';
import type { CrispMcpServer } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveFilter, EffectiveServer } from '../../resources/effective-server.ts';
import { type KubernetesObject, keyFor } from '../../resources/object.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { StoreSync } from '../store-sync.ts';
import { hasExpired } from './lifetime.ts';
import { readSpec, secretNameOf } from './read-spec.ts';
import type { AccountSituation, ServerSituation, StoreSituation, ToolsSituation } from './situation.ts';
import type { TokenSecretFacts } from './token-secret.ts';

/** How long a deletion waits for a store that fails when the whole namespace goes away. */
const ABANDON_AFTER_MS = 60_000;

export interface GatherOptions {
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  clock: Clock;
  publicUrl: string;
  tools: readonly Tool[];
}

/** Collects what a decision about a server needs. Reads the API only where the caches cannot answer. */
export class ServerGatherer {
  readonly #options: GatherOptions;
  readonly #toolsByFilter = new Map<string, ToolsSituation>();

  constructor(options: GatherOptions) {
    this.#options = options;
  }

  async gather(server: CrispMcpServer): Promise<ServerSituation> {
    const { view, store } = this.#options;
    const secretKey = keyFor(server.metadata.namespace ?? '', secretNameOf(server));
    // A server that never had a token is not looked up: creating its Secret finds out at no extra cost.
    const hadToken = server.status?.fingerprint !== undefined || server.metadata.deletionTimestamp !== undefined;
    const situation = this.#assemble(
      server,
      await view.tokenSecrets.find(secretKey, { confirmAbsence: hadToken || this.#hasExpired(server) }),
    );
    const hash = situation.secret?.token.kind === 'valid' ? situation.secret.token.hash : undefined;
    const holder = hash === undefined ? undefined : store.mirror.routes.holderOf(hash);
    const tokenHolder = holder === undefined || holder === server.metadata.uid ? undefined : view.serverOfUid(holder);
    return { ...situation, tokenHolder };
  }

  /** As far as it can be said without reading anything; who holds the token is left open. */
  peek(server: CrispMcpServer): ServerSituation | undefined {
    const secretKey = keyFor(server.metadata.namespace ?? '', secretNameOf(server));
    const secret = this.#options.view.tokenSecrets.peek(secretKey);
    return secret === 'unknown' ? undefined : this.#assemble(server, secret);
  }

  /** What remains possible when the store has just failed. */
  async storeFailure(server: CrispMcpServer): Promise<StoreSituation> {
    const { store, clock } = this.#options;
    return {
      failed: true,
      routeOutlived: store.mirror.routes.hasOutlived(server.metadata.uid ?? '', clock.now()),
      abandonRoute: await this.mayAbandon(server),
    };
  }

  async mayAbandon(object: KubernetesObject): Promise<boolean> {
    const failingForMs = this.#options.store.unavailableForMs() ?? 0;
    const { deletionTimestamp, namespace } = object.metadata;
    if (deletionTimestamp === undefined || namespace === undefined || failingForMs < ABANDON_AFTER_MS) return false;
    try {
      const found = await this.#options.api.get(namespaceType, { name: namespace });
      return found?.metadata.deletionTimestamp !== undefined;
    } catch (error) {
      if (isApiError(error, 'Forbidden')) return false;
      throw error;
    }
  }

  #assemble(server: CrispMcpServer, secret: TokenSecretFacts | undefined): ServerSituation {
    const { clock, publicUrl } = this.#options;
    const spec = readSpec(server);
    const account = this.#account(server);
    const tools =
      spec.kind === 'valid' && account.kind === 'usable'
        ? this.#tools(spec.effective.filter, account.tiers)
        : undefined;
    return {
      now: clock.now(),
      publicUrl,
      server,
      spec,
      account,
      secret,
      secretRival: spec.kind === 'valid' ? this.#rival(server, spec.effective) : undefined,
      tokenHolder: undefined,
      tools,
      store: { failed: false, routeOutlived: false, abandonRoute: false },
    };
  }

  #account(server: CrispMcpServer): AccountSituation {
    const key = keyFor(server.metadata.namespace ?? '', server.spec.accountRef.name);
    const account = this.#options.view.accounts.get(key);
    return account === undefined ? { kind: 'missing' } : accountSituation(account);
  }

  /** Another server with an older claim to the same Secret: created earlier, or at the same time with a lower uid. */
  #rival(server: CrispMcpServer, effective: EffectiveServer): string | undefined {
    const { view } = this.#options;
    const namespace = server.metadata.namespace ?? '';
    for (const key of view.serversOfSecret(keyFor(namespace, effective.secretName))) {
      const other = view.servers.get(key);
      if (other === undefined || other.metadata.uid === server.metadata.uid) continue;
      const claims = other.metadata.deletionTimestamp === undefined && !this.#hasExpired(other);
      if (claims && isOlder(other, server)) return other.metadata.name;
    }
    return undefined;
  }

  #hasExpired(server: CrispMcpServer): boolean {
    const spec = readSpec(server);
    return spec.kind === 'valid' && hasExpired(server, spec.effective, this.#options.clock.now());
  }

  /** Servers share few filters; the memory is dropped when it grows beyond any plausible number of them. */
  #tools(filter: EffectiveFilter, tiers: readonly Tier[]): ToolsSituation {
    const key = JSON.stringify([filter, tiers]);
    const known = this.#toolsByFilter.get(key);
    if (known !== undefined) return known;
    const selected = selectTools(this.#options.tools, filter);
    const tools = { selected: selected.length, names: availableTo(selected, tiers).map((tool) => tool.name) };
    if (this.#toolsByFilter.size >= 1_000) this.#toolsByFilter.clear();
    this.#toolsByFilter.set(key, tools);
    return tools;
  }
}

/** Earlier creation, then the lower uid: who wins when two objects claim one thing. */
export function isOlder(one: KubernetesObject, other: KubernetesObject): boolean {
  const [a, b] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`);
  return (a ?? '') < (b ?? '');
}

/**
 * An account can be used when Crisp accepts one of its credentials. That the store failed to take its record is no
 * reason to withdraw the route: the record follows by itself.
 */
export function accountSituation(account: CrispAccount): AccountSituation {
  const uid = account.metadata.uid ?? '';
  if (account.metadata.deletionTimestamp !== undefined) {
    return { kind: 'unusable', uid, pending: false, explanation: 'it is being deleted.' };
  }
  const tiers = (account.status?.credentials ?? []).filter((c) => c.state === 'Accepted').map((c) => c.tier);
  if (tiers.length > 0) return { kind: 'usable', uid, tiers };
  const ready = findCondition(account.status?.conditions, 'Ready');
  const explanation = ready === undefined ? 'its credentials are not checked yet.' : ready.message;
  return { kind: 'unusable', uid, pending: ready === undefined || ready.status === 'Unknown', explanation };
}
