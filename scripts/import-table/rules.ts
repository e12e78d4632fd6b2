/**
 * The import table of the design: which room of `src/` may import which. `process` may be imported by all and imports
 * nothing of ours. What is listed under `types` may be imported with `import type` only.
 */
export interface RoomRule {
  readonly may: readonly string[] | 'everything';
  readonly types: readonly string[];
  /** Time and chance come in as `{ clock, random }`: no timer or clock of the platform's own here. */
  readonly injectedTime: boolean;
}

function room(rule: Partial<RoomRule>): RoomRule {
  return { may: [], types: [], injectedTime: false, ...rule };
}

export const IMPORTABLE_BY_ALL = 'process';

export const ROOMS: Readonly<Record<string, RoomRule>> = {
  process: room({}),
  resources: room({}),
  catalog: room({}),
  routes: room({ may: ['resources'], types: ['catalog'], injectedTime: true }),
  crisp: room({ may: ['catalog'] }),
  // A route record carries the effective filter of its server, a type of `resources`.
  gateway: room({ may: ['routes', 'catalog', 'crisp'], types: ['resources'], injectedTime: true }),
  // The embedded resource API checks and completes objects by their kinds' own schemas.
  kubernetes: room({ may: ['resources'], injectedTime: true }),
  operator: room({ may: ['resources', 'catalog', 'routes', 'kubernetes', 'crisp'], injectedTime: true }),
  console: room({ may: ['resources', 'catalog', 'kubernetes', 'routes', 'crisp'] }),
  // An operation's record is its sandbox route as well: one source for each fact.
  sandbox: room({ may: ['catalog'] }),
  cli: room({ may: 'everything' }),
};
