import type { CachedRoute } from './cached-records.ts';
import { type Features, methodsOf } from './features/features.ts';
import type { ServerInfo } from './manifest-cache.ts';
import { type Era, MODERN_VERSION, SERVER_INFO_META } from './protocol-era.ts';
import type { ListKind } from './subscriptions.ts';
import type { Toolset } from './toolset.ts';

/**
 * How a server introduces itself: the result of `initialize` (legacy) and of `server/discover` (modern). The
 * instructions say what a model needs to use the tools well; their first 512 characters stand alone, because some
 * clients show no more. They state facts and give no orders about behaviour. What depends on the tools alone is put into
 * text once for each set of them.
 */
export interface Offered {
  /** Methods of features that may be called. */
  readonly legacy: ReadonlySet<string>;
  readonly modern: ReadonlySet<string>;
  /** Lists whose changes are announced to modern clients; without a session there is no way to announce them to others. */
  readonly announced: ReadonlySet<ListKind>;
}

interface Known extends Offered {
  readonly legacyCapabilities: string;
  readonly modernCapabilities: string;
  readonly instructions: string;
}

export class Introductions {
  readonly #serverInfo: ServerInfo;
  readonly #features: Features;
  readonly #known = new WeakMap<Toolset, Known>();
  /** Name and version, open at the end for the title. */
  readonly #server: string;

  constructor(options: { serverInfo: ServerInfo; features: Features }) {
    this.#serverInfo = options.serverInfo;
    this.#features = options.features;
    this.#server = JSON.stringify(this.#serverInfo).slice(0, -1);
  }

  /** `version` is the one that was negotiated. */
  initialize(route: CachedRoute, toolset: Toolset, version: string): string {
    const { legacyCapabilities, instructions } = this.#of(toolset);
    return `{"protocolVersion":"${version}","capabilities":${legacyCapabilities},"serverInfo":${this.#titled(route)},"instructions":"${instructions}${expiryOf(route)}"}`;
  }

  discover(route: CachedRoute, toolset: Toolset, ttlMs: number): string {
    const { modernCapabilities, instructions } = this.#of(toolset);
    return `{"resultType":"complete","supportedVersions":["${MODERN_VERSION}"],"capabilities":${modernCapabilities},"instructions":"${instructions}${expiryOf(route)}","ttlMs":${ttlMs},"cacheScope":"private","_meta":{"${SERVER_INFO_META}":${this.#titled(route)}}}`;
  }

  offered(toolset: Toolset): Offered {
    return this.#of(toolset);
  }

  #titled({ record }: CachedRoute): string {
    return `${this.#server},"title":${JSON.stringify(record.displayName)}}`;
  }

  #of(toolset: Toolset): Known {
    const known = this.#known.get(toolset);
    if (known !== undefined) return known;
    const legacy = this.#features.capabilities(toolset, 'legacy');
    const modern = this.#features.capabilities(toolset, 'modern');
    const made: Known = {
      legacy: methodsOf(legacy, 'legacy'),
      modern: methodsOf(modern, 'modern'),
      announced: new Set<ListKind>([
        'tools',
        ...(modern.prompts?.listChanged === true ? ['prompts' as const] : []),
        ...(modern.resources?.listChanged === true ? ['resources' as const] : []),
      ]),
      legacyCapabilities: JSON.stringify({ tools: {}, ...legacy }),
      modernCapabilities: JSON.stringify({ tools: { listChanged: true }, ...modern }),
      instructions: JSON.stringify(instructionsFor(toolset)).slice(1, -1),
    };
    this.#known.set(toolset, made);
    return made;
  }
}

/** The result of a request that has nothing to tell, such as `ping`. */
export function emptyResult(era: Era): string {
  return era === 'modern' ? '{"resultType":"complete"}' : '{}';
}

const USAGE = [
  'Tools work on one Crisp website (workspace); website_id may be left out.',
  'A conversation is named by session_id ("session_" and a UUID), a contact by people_id (a UUID): take both from list tools.',
  'Lists come in pages: page_number starts at 1.',
  'Crisp limits the rate of requests: an error says how many seconds to wait, and nothing was executed then.',
].join(' ');

const DETAILS = [
  'Times are milliseconds since 1970 (UTC) unless a tool says otherwise.',
  'A note (type "note") in a conversation is seen by operators only; other messages reach the visitor.',
  'Only the tools listed are enabled: others are refused, and only the administrator of this server can enable them.',
].join(' ');

const READ_ONLY = 'This server reads: none of its tools changes anything.';

function instructionsFor({ tools }: Toolset): string {
  const readOnly = tools.length > 0 && tools.every(({ effect }) => effect === 'read');
  return `${USAGE}\n\n${DETAILS}${readOnly ? ` ${READ_ONLY}` : ''}`;
}

/** In form of JSON text without its quotation marks, of which it has none. */
function expiryOf({ expires }: CachedRoute): string {
  return expires === '' ? '' : ` This server's URL stops working at ${expires}.`;
}
