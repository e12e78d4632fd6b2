import { TIERS_BY_PRIVILEGE, type Tier, type Tool, type ToolFilter } from '../catalog/tool.ts';
import { RecentMap } from '../process/recent-map.ts';
import type { CachedAccount, CachedRoute } from './cached-records.ts';

/**
 * The tools a server offers: what its filter selects, less what no credential of its account may call. Worked out once
 * for each pair of filter and tiers and shared by all servers with that pair.
 */
export interface Toolset {
  /** Stands for filter and tiers in cache keys. */
  readonly key: string;
  readonly tools: readonly Tool[];
  readonly byName: ReadonlyMap<string, Tool>;
  /** Selected by the filter, but no credential of the account may call them: a call is told which one would. */
  readonly outOfReach: ReadonlyMap<string, Tool>;
}

export interface Catalogue {
  /** In the order in which clients shall see them, always the same. */
  select(filter: ToolFilter, tiers: readonly Tier[]): readonly Tool[];
  /** Any tool there is, whatever the filter. */
  find(name: string): Tool | undefined;
}

const MAX_FILTERS = 2_000;

export class Toolsets {
  readonly #catalogue: Catalogue;
  /** By filter, then by tiers: a key made of both would cost more than the two look-ups. */
  readonly #toolsets = new RecentMap<string, Map<string, Toolset>>({ max: MAX_FILTERS });

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  of(route: CachedRoute, account: CachedAccount): Toolset {
    let ofFilter = this.#toolsets.get(route.filterKey);
    const known = ofFilter?.get(account.tiersKey);
    if (known !== undefined) return known;
    const key = `${route.filterKey}/${account.tiersKey}`;
    const tools = this.#catalogue.select(route.record.filter, account.tiers);
    const byName = mapByName(tools);
    const selected = this.#catalogue.select(route.record.filter, TIERS_BY_PRIVILEGE);
    const toolset = { key, tools, byName, outOfReach: mapByName(selected.filter(({ name }) => !byName.has(name))) };
    if (ofFilter === undefined) {
      ofFilter = new Map();
      this.#toolsets.set(route.filterKey, ofFilter);
    }
    ofFilter.set(account.tiersKey, toolset);
    return toolset;
  }

  /** Whether the name exists at all: a closed set, so it may stand in logs and metrics. */
  exists(name: string): boolean {
    return this.#catalogue.find(name) !== undefined;
  }
}

function mapByName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}
