import { z } from 'zod';
import { commonStatusFields } from './conditions.ts';
import { SECRET_NAME_PATTERN } from './crisp-account.ts';
import { EXPIRATION_POLICIES } from './crisp-mcp-server.ts';
import { API_GROUP, API_VERSION } from './names.ts';
import type { KubernetesObject, ResourceType } from './object.ts';

/**
 * CrispApiToken: a second factor for servers that ask for one, and the key to the provisioning API. What it may do stands
 * in its scopes; it holds for its namespace and no other. The schema is the single source of the type, the CRD and the docs.
 */
export const SCOPES = ['connect', 'provision', 'read'] as const;

/** Stands for every server of the namespace, those to come included. */
export const EVERY_SERVER = '*';

const notEmpty = (field: string) => ({
  rule: 'size(self) > 0',
  message: `${field} is empty: name at least one`,
});

export const crispApiTokenSpecSchema = z
  .object({
    scopes: z
      .array(z.enum(SCOPES).meta({ description: 'Something that the holder of the token may do.' }))
      .min(1)
      .max(3)
      .meta({
        description:
          'What the token is good for: "connect" (second factor of servers with requireApiTokenAuth), "provision" (create and change servers by the provisioning API), "read" (look at them there).',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [notEmpty('scopes')],
      }),
    servers: z
      .array(
        z
          .string()
          .min(1)
          .max(253)
          .regex(/^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$/)
          .meta({ description: 'Name of a CrispMcpServer, or "*".' }),
      )
      .min(1)
      .max(256)
      .optional()
      .meta({
        description:
          'The CrispMcpServers of this namespace that the token may connect to, by name; "*" alone for all, those to come included. Required with the scope "connect".',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [
          notEmpty('servers'),
          {
            rule: "!('*' in self) || size(self) == 1",
            message: 'servers: "*" stands for every server, so it stands alone',
          },
        ],
      }),
    expiresAt: z.iso.datetime({ offset: true }).optional().meta({
      description:
        'The instant from which the token is refused, RFC 3339 (for example 2027-01-31T18:00:00Z). Default: never.',
    }),
    expirationPolicy: z.enum(EXPIRATION_POLICIES).optional().meta({
      description:
        'At expiresAt: "Delete" (default) deletes this resource, "Retain" keeps it as Expired. The token dies either way.',
    }),
    secretName: z
      .string()
      .min(1)
      .max(253)
      .regex(SECRET_NAME_PATTERN)
      .optional()
      .meta({
        description:
          'Name of the Secret that receives the token. Default: the name of this resource followed by "-api-token". Immutable.',
        'x-kubernetes-validations': [
          { rule: 'self == oldSelf', message: 'secretName is immutable: create another CrispApiToken' },
        ],
      }),
  })
  .meta({
    description: 'What the token may do.',
    'x-kubernetes-validations': [
      {
        rule: "!('connect' in self.scopes) || has(self.servers)",
        message: 'servers is required with the scope "connect": name the servers, or "*" for all',
      },
      {
        rule: 'has(self.secretName) == has(oldSelf.secretName)',
        message: 'secretName is immutable: create another CrispApiToken',
      },
    ],
  });

export const crispApiTokenStatusSchema = z
  .object({
    ...commonStatusFields('Ready, Reconciling, Stalled, Expired.'),
    secretName: z.string().max(253).optional().meta({ description: 'The Secret with the token (key "token").' }),
    fingerprint: z
      .string()
      .max(12)
      .optional()
      .meta({ description: "First 12 hexadecimal digits of the token's SHA-256." }),
    expiresAt: z.string().max(40).optional().meta({ description: 'When the token dies; "never" when it does not.' }),
  })
  .meta({ description: 'What the operator observed. Written by the operator alone; never holds a token.' });

export type CrispApiTokenSpec = z.infer<typeof crispApiTokenSpecSchema>;
export type CrispApiTokenStatus = z.infer<typeof crispApiTokenStatusSchema>;

export interface CrispApiToken extends KubernetesObject {
  spec: CrispApiTokenSpec;
  status?: CrispApiTokenStatus;
}

export const crispApiTokenType: ResourceType<CrispApiToken> = {
  group: API_GROUP,
  version: API_VERSION,
  plural: 'crispapitokens',
  kind: 'CrispApiToken',
  namespaced: true,
};

/** A spec with its defaults filled in and its instant as a number, lists sorted and without repetition. */
export interface EffectiveApiToken {
  readonly scopes: readonly CrispApiTokenSpec['scopes'][number][];
  readonly servers: readonly string[];
  /** Milliseconds since the Unix epoch; `undefined` when it never expires. */
  readonly expiresAt: number | undefined;
  readonly expirationPolicy: 'Delete' | 'Retain';
  readonly secretName: string;
}

export function effectiveApiToken({ metadata, spec }: CrispApiToken): EffectiveApiToken {
  return {
    scopes: [...new Set(spec.scopes)].sort(),
    servers: [...new Set(spec.servers ?? [])].sort(),
    expiresAt: spec.expiresAt === undefined ? undefined : Date.parse(spec.expiresAt),
    expirationPolicy: spec.expirationPolicy ?? 'Delete',
    secretName: spec.secretName ?? `${metadata.name}-api-token`,
  };
}

/** Reasons of a CrispApiToken's conditions and what each means. Closed: docs and dashboards may rely on it. */
export const API_TOKEN_REASONS = {
  Issued: 'Ready: the token in the Secret is accepted for what its scopes say.',
  Provisioning: 'On its way: a step waits for something that comes by itself; the message says what for.',
  StoreUnavailable: 'Not ready: the route store (Redis) does not answer. It is tried again by itself.',
  SecretConflict:
    'Stalled: the Secret of that name belongs to somebody else and is left alone. Use another secretName.',
  TokenInvalid:
    'Stalled: the Secret holds a token that is not 43 to 128 characters of A-Z, a-z, 0-9, "_" and "-". Correct or delete it.',
  TokenConflict:
    'Stalled: another live CrispApiToken holds the same token and keeps it. Delete this Secret for a new token.',
  InvalidSpec: 'Stalled: the spec cannot be used. Only an edit helps; the token is refused until then.',
  ExpiresAtPassed: 'Expired: the token is dead, its Secret is gone. A later expiresAt issues a new token.',
  BornExpired:
    'Expired: it was created after its expiresAt, as a GitOps re-apply does. Kept, never accepted, never deleted.',
} as const;
export type ApiTokenReason = keyof typeof API_TOKEN_REASONS;
