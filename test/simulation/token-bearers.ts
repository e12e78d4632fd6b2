import { type CrispApiToken, crispApiTokenType } from '../../src/resources/crisp-api-token.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import {
  API_TOKEN_FINALIZER,
  API_TOKEN_LABEL,
  API_TOKEN_SECRET_TYPE,
  SERVER_FINALIZER,
  SERVER_LABEL,
  TOKEN_SECRET_TYPE,
} from '../../src/resources/names.ts';
import type { ResourceType } from '../../src/resources/object.ts';
import type { TokenRecord } from '../../src/routes/store.ts';
import type { TokenHash } from '../../src/routes/token.ts';
import type { Ledger } from './ledger.ts';
import type { RecordLedger } from './record-ledger.ts';
import type { Resources } from './resources.ts';

/**
 * The kinds of resource that bear a token, servers and API tokens, in the words of this simulation: what one is called,
 * which Secret is its own, what its token leads to in the store. All rules about tokens hold for both.
 */
export type TokenBearer = CrispMcpServer | CrispApiToken;

/** What the store holds for a token; more of it depends on the kind. */
export type BearerRecord = TokenRecord & { readonly name: string };

export interface BearerKind<O extends TokenBearer = TokenBearer> {
  readonly what: 'server' | 'API token';
  readonly type: ResourceType<O>;
  readonly secretType: string;
  /** On the Secret: the name of its owner. */
  readonly label: string;
  readonly finalizer: string;
  readonly secretSuffix: string;
  objects(resources: Resources): O[];
  /** Of the ledger, or of what the store holds. */
  ledgerOf(ledger: Ledger): RecordLedger<BearerRecord>;
  storedIn(store: Stored): ReadonlyMap<TokenHash, BearerRecord>;
}

interface Stored {
  readonly routes: ReadonlyMap<TokenHash, BearerRecord>;
  readonly apiTokens: ReadonlyMap<TokenHash, BearerRecord>;
}

export const SERVER_KIND: BearerKind<CrispMcpServer> = {
  what: 'server',
  type: crispMcpServerType,
  secretType: TOKEN_SECRET_TYPE,
  label: SERVER_LABEL,
  finalizer: SERVER_FINALIZER,
  secretSuffix: '-mcp',
  objects: (resources) => resources.servers(),
  ledgerOf: (ledger) => ledger.routes,
  storedIn: (store) => store.routes,
};

export const API_TOKEN_KIND: BearerKind<CrispApiToken> = {
  what: 'API token',
  type: crispApiTokenType,
  secretType: API_TOKEN_SECRET_TYPE,
  label: API_TOKEN_LABEL,
  finalizer: API_TOKEN_FINALIZER,
  secretSuffix: '-api-token',
  objects: (resources) => resources.apiTokens(),
  ledgerOf: (ledger) => ledger.apiTokens,
  storedIn: (store) => store.apiTokens,
};

export const BEARER_KINDS: readonly BearerKind[] = [SERVER_KIND, API_TOKEN_KIND];

export function secretNameOf({ secretSuffix }: BearerKind, { spec, metadata }: TokenBearer): string {
  return spec.secretName ?? `${metadata.name}${secretSuffix}`;
}
