import type { Tier } from '../catalog/tool.ts';

/**
 * Finds the operation of a request from the catalogue's path templates. Literal segments win over parameters; `{path}`
 * at the end takes all remaining segments, because Crisp's helpdesk tree puts slashes into it. Segments arrive decoded,
 * so a slash that was percent-encoded never splits one. Where two operations share method and path, the first stands for
 * both until the body tells them apart (`shared-routes.ts`).
 */
export interface RouteRecord {
  readonly id: string;
  readonly method: string;
  /** Without the `/v1` prefix, such as `/website/{website_id}/conversations/{page_number}`. */
  readonly path: string;
  readonly tiers: readonly Tier[];
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: RouteRecord; readonly params: ReadonlyMap<string, string> }
  | { readonly kind: 'wrong_verb'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

interface Branch {
  readonly literals: Map<string, Branch>;
  parameter: Branch | undefined;
  readonly rest: Map<string, RouteRecord>;
  readonly routes: Map<string, RouteRecord>;
}

const REST_PARAMETER = '{path}';

export class RouteTable {
  readonly #root = branch();

  constructor(records: Iterable<RouteRecord>) {
    for (const record of records) this.#insert(record);
  }

  /** `segments` are the decoded path segments after `/v1/`. */
  match(method: string, segments: readonly string[]): RouteMatch {
    const allowed = new Set<string>();
    const route = find(this.#root, method, segments, 0, allowed);
    if (route !== undefined) return { kind: 'found', route, params: bind(route, segments) };
    return allowed.size === 0 ? { kind: 'unknown' } : { kind: 'wrong_verb', allowed: [...allowed].sort() };
  }

  #insert(record: RouteRecord): void {
    const parts = splitTemplate(record.path);
    const rest = parts.at(-1) === REST_PARAMETER;
    let at = this.#root;
    for (const part of rest ? parts.slice(0, -1) : parts) {
      if (part.startsWith('{')) {
        at.parameter ??= branch();
        at = at.parameter;
      } else {
        const next = at.literals.get(part) ?? branch();
        at.literals.set(part, next);
        at = next;
      }
    }
    const routes = rest ? at.rest : at.routes;
    if (!routes.has(record.method)) routes.set(record.method, record);
  }
}

function find(
  at: Branch,
  method: string,
  segments: readonly string[],
  depth: number,
  allowed: Set<string>,
): RouteRecord | undefined {
  const segment = segments[depth];
  if (segment === undefined) return pick(at.routes, method, allowed);
  const literal = at.literals.get(segment);
  const byLiteral = literal && find(literal, method, segments, depth + 1, allowed);
  if (byLiteral !== undefined) return byLiteral;
  if (segment === '') return undefined;
  const byParameter = at.parameter && find(at.parameter, method, segments, depth + 1, allowed);
  return byParameter ?? pick(at.rest, method, allowed);
}

function pick(routes: ReadonlyMap<string, RouteRecord>, method: string, allowed: Set<string>): RouteRecord | undefined {
  for (const known of routes.keys()) allowed.add(known);
  return routes.get(method);
}

function bind(route: RouteRecord, segments: readonly string[]): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  for (const [index, part] of splitTemplate(route.path).entries()) {
    if (part === REST_PARAMETER) params.set('path', segments.slice(index).join('/'));
    else if (part.startsWith('{')) params.set(part.slice(1, -1), segments[index] ?? '');
  }
  return params;
}

const splitTemplate = (path: string): string[] => path.split('/').filter((part) => part !== '');

function branch(): Branch {
  return { literals: new Map(), parameter: undefined, rest: new Map(), routes: new Map() };
}
