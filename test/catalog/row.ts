import type { Arguments } from '../../src/catalog/fields.ts';

/**
 * How the official client takes the arguments of an operation. `call` gives its positional arguments from ours, in which
 * defaults are filled in. One row an operation, one file a family, all joined by `rows/index.ts`.
 */
export interface Row {
  readonly call: (args: Arguments) => readonly unknown[];
  /** Arguments that the client has no way to pass; they are not drawn. */
  readonly without?: readonly string[];
}

export type Rows = Readonly<Record<string, Row>>;

export const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';

/** Flags of a query as Crisp takes them. */
export function flags(query: Arguments): Arguments {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
  );
}
