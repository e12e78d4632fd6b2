import { createHash } from 'node:crypto';
import type { Secret } from '../../kubernetes/core-types.ts';
import {
  API_TOKEN_LABEL,
  API_TOKEN_SECRET_TYPE,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  SERVER_LABEL,
} from '../../resources/names.ts';
import { hashToken, isToken, type TokenHash } from '../../routes/token.ts';

/**
 * The Secret that carries the token of an owner: how one is built and what is remembered of one that was read. The facts
 * never hold the token, so decisions made from them cannot leak it; what derives from the token (`url`, `mcp.json`) is
 * remembered as the endpoint and name it was made for, which is enough to see that it must be made anew. The Secret of an
 * API token has neither.
 */
export interface TokenSecretFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: string;
  /** Value of the label that names its owner, which depends on its type; `undefined` when there is none. */
  readonly label: string | undefined;
  readonly deleting: boolean;
  readonly immutable: boolean;
  readonly token: { readonly kind: 'valid'; readonly hash: TokenHash } | { readonly kind: 'absent' | 'malformed' };
  readonly derived: DerivedFacts;
}

/** How the Secrets of one kind of owner are told apart. */
export interface TokenSecretKind {
  /** Differs from kind to kind, so that neither can be taken for the other, whatever a user writes into labels. */
  readonly type: string;
  /** Names the owner. */
  readonly label: string;
}

/** What the Secret says beside its token; a field is `undefined` when it is absent or not as we write it. */
export interface DerivedFacts {
  /** The URL without `/<token>`. */
  readonly endpoint: string | undefined;
  /** The server name in `mcp.json`, when the whole document is as we would write it. */
  readonly configName: string | undefined;
  /** Whether that document leaves a place for an API token. */
  readonly asksApiToken?: boolean | undefined;
  readonly expiresAt: string | undefined;
}

export interface TokenSecretContent {
  /** What `url` and `mcp.json` are made for; absent where there are none. */
  readonly connection?: {
    readonly endpoint: string;
    readonly configName: string;
    /** The server asks its clients for an API token besides. */
    readonly asksApiToken: boolean;
  };
  readonly expiresAt: string;
}

const LONGEST_LABEL_VALUE = 63;
/** As `crisp-mcp connect` reads it. */
const API_TOKEN_VARIABLE = 'CRISP_MCP_API_TOKEN';

/** The owner's name, or for a name longer than a label value may be, its beginning and a digest of all of it. */
export function ownerLabelValue(name: string): string {
  if (name.length <= LONGEST_LABEL_VALUE) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${name.slice(0, 49).replace(/[^a-z0-9]+$/, '')}.${digest}`;
}

/** Whether the Secret carries this owner's token: its type and name say so, and no label says otherwise. */
export function isOwnSecret(
  { type }: TokenSecretKind,
  owner: { metadata: { name: string } },
  secret: TokenSecretFacts,
): boolean {
  if (secret.type !== type) return false;
  return secret.label === undefined || secret.label === ownerLabelValue(owner.metadata.name);
}

/** Whether it is labelled and says, beside its token, what it should. */
export function isCurrent(
  { label, derived }: TokenSecretFacts,
  { connection, expiresAt }: TokenSecretContent,
): boolean {
  if (label === undefined || derived.expiresAt !== expiresAt) return false;
  if (connection === undefined) return true;
  return (
    derived.endpoint === connection.endpoint &&
    derived.configName === connection.configName &&
    (derived.asksApiToken ?? false) === connection.asksApiToken
  );
}

export function endpointOf(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/mcp`;
}

export function newTokenSecret(
  kind: TokenSecretKind,
  options: { namespace: string; name: string; ownerName: string; token: string; content: TokenSecretContent },
): Secret {
  const { namespace, name, ownerName, token, content } = options;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: ownerLabels(kind, ownerName) },
    type: kind.type,
    data: { token: encode(token), ...derivedData(token, content) },
  };
}

export function ownerLabels({ label }: TokenSecretKind, ownerName: string): Record<string, string> {
  return { [label]: ownerLabelValue(ownerName), [MANAGED_BY_LABEL]: MANAGED_BY };
}

/** Base64 values of the keys that follow from the token and the content. */
export function derivedData(token: string, { connection, expiresAt }: TokenSecretContent): Record<string, string> {
  const expiry = { expiresAt: encode(expiresAt) };
  if (connection === undefined) return expiry;
  const { endpoint, configName, asksApiToken } = connection;
  const url = `${endpoint}/${token}`;
  return { url: encode(url), 'mcp.json': encode(clientConfiguration(configName, url, asksApiToken)), ...expiry };
}

export function tokenOf(secret: Secret): string | undefined {
  return decode(secret.data?.token);
}

export function readTokenSecret(secret: Secret): TokenSecretFacts {
  const token = tokenOf(secret);
  const valid = token !== undefined && isToken(token);
  return {
    name: secret.metadata.name,
    uid: secret.metadata.uid ?? '',
    resourceVersion: secret.metadata.resourceVersion ?? '',
    type: secret.type ?? 'Opaque',
    label: secret.metadata.labels?.[secret.type === API_TOKEN_SECRET_TYPE ? API_TOKEN_LABEL : SERVER_LABEL],
    deleting: secret.metadata.deletionTimestamp !== undefined,
    immutable: secret.immutable ?? false,
    token: valid ? { kind: 'valid', hash: hashToken(token) } : { kind: token ? 'malformed' : 'absent' },
    derived: valid ? readDerived(secret, token) : { endpoint: undefined, configName: undefined, expiresAt: undefined },
  };
}

function readDerived(secret: Secret, token: string): DerivedFacts {
  const url = decode(secret.data?.url);
  const suffix = `/${token}`;
  return {
    endpoint: url?.endsWith(suffix) ? url.slice(0, -suffix.length) : undefined,
    ...(url === undefined ? { configName: undefined } : readConfiguration(decode(secret.data?.['mcp.json']), url)),
    expiresAt: decode(secret.data?.expiresAt),
  };
}

/** The document that MCP clients read (`claude mcp`, `.mcp.json`). */
function clientConfiguration(name: string, url: string, asksApiToken: boolean): string {
  // Clients that read such a file put the value of the environment variable there.
  const headers = asksApiToken ? { headers: { Authorization: `Bearer \${${API_TOKEN_VARIABLE}}` } } : {};
  return `${JSON.stringify({ mcpServers: { [name]: { type: 'http', url, ...headers } } }, null, 2)}\n`;
}

function readConfiguration(
  text: string | undefined,
  url: string,
): { configName: string | undefined; asksApiToken?: boolean } {
  const name = /^\{\n {2}"mcpServers": \{\n {4}"([^"\\]+)": /.exec(text ?? '')?.[1];
  if (name === undefined) return { configName: undefined };
  if (text === clientConfiguration(name, url, false)) return { configName: name };
  return text === clientConfiguration(name, url, true)
    ? { configName: name, asksApiToken: true }
    : { configName: undefined };
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}
