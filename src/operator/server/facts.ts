import { availableTo, selectTools } from '../../catalog/filter.ts';
import type { Tier, Tool } from '../../catalog/tool.ts';
import { findCondition } from '../../resources/conditions.ts';
import type { CrispAccount } from '../../resources/crisp-account.ts';
import type { CrispMcpServer } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveFilter, EffectiveServer } from '../../resources/effective-server.ts';
import { keyFor } from '../../resources/object.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { SpecReading } from '../token-owner/situation.ts';
import type { AccountSituation, ServerFacts, ToolsSituation } from './situation.ts';

/** What decisions about a server look at beyond what every token owner has: its account, and the tools that follow. */
export interface ServerFactsOptions {
  view: ClusterView;
  publicUrl: string;
  tools: readonly Tool[];
}

export class ServerFactsReader {
  readonly #options: ServerFactsOptions;
  readonly #toolsByFilter = new Map<string, ToolsSituation>();

  constructor(options: ServerFactsOptions) {
    this.#options = options;
  }

  read(server: CrispMcpServer, spec: SpecReading<EffectiveServer>): ServerFacts {
    const account = this.#account(server);
    const known = spec.kind === 'valid' && account.kind === 'usable';
    return {
      publicUrl: this.#options.publicUrl,
      account,
      tools: known ? this.#tools(spec.effective.filter, account.tiers) : undefined,
    };
  }

  #account(server: CrispMcpServer): AccountSituation {
    const key = keyFor(server.metadata.namespace ?? '', server.spec.accountRef.name);
    const account = this.#options.view.accounts.get(key);
    return account === undefined ? { kind: 'missing' } : accountSituation(account);
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
