import { z } from 'zod';
import { commonStatusFields } from './conditions.ts';
import { SECRET_NAME_PATTERN } from './crisp-account.ts';
import { API_GROUP, API_VERSION } from './names.ts';
import type { KubernetesObject, ResourceType } from './object.ts';
import { rateLimitSchema } from './rate-limit.ts';

/**
 * CrispMcpServer: an MCP server for one Crisp account, limited to some tools and, usually, to some time. The schema is
 * the single source of the type, the CRD and the docs.
 */
export const METHODS = ['read', 'write', 'custom', 'list', 'get', 'create', 'update', 'delete'] as const;
export const EXPIRATION_POLICIES = ['Delete', 'Retain'] as const;

const notEmpty = (field: string) => ({
  rule: 'size(self) > 0',
  message: `${field} is empty: leave it out to not restrict, or name at least one`,
});

const immutable = (field: string) => ({
  rule: 'self == oldSelf',
  message: `${field} is immutable: create another CrispMcpServer`,
});

const toolPattern = (description: string) =>
  z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9_*]+$/)
    .meta({ description });

const toolSelectionSchema = z
  .object({
    only: z
      .array(toolPattern('A tool name; * stands for any characters.'))
      .min(1)
      .max(256)
      .optional()
      .meta({
        description: 'Only tools of these names. * stands for any characters.',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [notEmpty('tools.only')],
      }),
    except: z
      .array(toolPattern('A tool name; * stands for any characters.'))
      .min(1)
      .max(256)
      .optional()
      .meta({
        description: 'No tools of these names; wins over everything else. * stands for any characters.',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [notEmpty('tools.except')],
      }),
    sensitive: z
      .array(
        z
          .string()
          .min(1)
          .max(64)
          .regex(/^[a-z0-9_]+$/)
          .meta({ description: 'The exact name of a sensitive tool.' }),
      )
      .min(1)
      .max(64)
      .optional()
      .meta({
        description:
          'Sensitive tools to include, each by its exact name. They are never selected by methods, tags or a wildcard.',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [notEmpty('tools.sensitive')],
      }),
  })
  .meta({ description: 'Selection of tools by name, on top of methods and tags.' });

export const crispMcpServerSpecSchema = z
  .object({
    accountRef: z
      .object({
        name: z
          .string()
          .min(1)
          .max(253)
          .regex(SECRET_NAME_PATTERN)
          .meta({ description: 'Name of a CrispAccount in this namespace.' }),
      })
      .meta({
        description: 'The account this server works on. Immutable.',
        'x-kubernetes-validations': [immutable('accountRef')],
      }),
    displayName: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'Name that MCP clients show. Default: the name of the resource.' }),
    methods: z
      .array(z.enum(METHODS).meta({ description: 'A kind of method.' }))
      .min(1)
      .max(8)
      .optional()
      .meta({
        description:
          'What the server may do: "read" (everything that only reads), "write" (create, update, delete), "custom" (other actions, such as publish), or single classes. Default: not restricted.',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [notEmpty('methods')],
      }),
    tags: z
      .array(
        z
          .string()
          .min(1)
          .max(32)
          .regex(/^[a-z][a-z0-9-]*$/)
          .meta({ description: 'A tag of the tool catalogue, such as "support".' }),
      )
      .min(1)
      .max(32)
      .optional()
      .meta({
        description: 'Only tools with one of these tags, such as "support" or "helpdesk". Default: not restricted.',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-validations': [notEmpty('tags')],
      }),
    tools: toolSelectionSchema.optional(),
    expiresAt: z.iso.datetime({ offset: true }).optional().meta({
      description:
        'The instant from which the URL is dead, RFC 3339 (for example 2027-01-31T18:00:00Z). Default: never.',
    }),
    expirationPolicy: z.enum(EXPIRATION_POLICIES).optional().meta({
      description:
        'At expiresAt: "Delete" (default) deletes this resource, "Retain" keeps it as Expired. The URL dies either way.',
    }),
    secretName: z
      .string()
      .min(1)
      .max(253)
      .regex(SECRET_NAME_PATTERN)
      .optional()
      .meta({
        description:
          'Name of the Secret that receives token and URL. Default: the name of this resource followed by "-mcp". Immutable.',
        'x-kubernetes-validations': [immutable('secretName')],
      }),
    rateLimit: rateLimitSchema('the server').optional(),
    requireApiTokenAuth: z.boolean().optional().meta({
      description:
        'While true a client must send a CrispApiToken of this namespace (scope "connect", naming this server) in the header "Authorization: Bearer …" besides the URL; without one it gets 401. Not every client can send a header: see docs/security.md.',
    }),
    suspend: z.boolean().optional().meta({ description: 'While true the URL answers 404; the token is kept.' }),
  })
  .meta({
    description: 'What the server is.',
    'x-kubernetes-validations': [
      {
        rule: 'has(self.secretName) == has(oldSelf.secretName)',
        message: 'secretName is immutable: create another CrispMcpServer',
      },
    ],
  });

/** At most this many tool names are listed in status; the count is always exact. */
export const STATUS_TOOL_NAMES = 50;

export const crispMcpServerStatusSchema = z
  .object({
    ...commonStatusFields('Ready, Reconciling, Stalled, Expired, Suspended.'),
    tools: z
      .object({
        count: z.int().min(0).meta({ description: 'Number of tools the server lists.' }),
        names: z
          .array(z.string().max(64).meta({ description: 'A tool name.' }))
          .max(STATUS_TOOL_NAMES)
          .optional()
          .meta({ description: `The first ${STATUS_TOOL_NAMES} of their names.`, 'x-kubernetes-list-type': 'atomic' }),
      })
      .optional()
      .meta({ description: 'What the filter selects.' }),
    secretName: z.string().max(253).optional().meta({ description: 'The Secret with the URL (key "url").' }),
    fingerprint: z
      .string()
      .max(12)
      .optional()
      .meta({ description: "First 12 hexadecimal digits of the token's SHA-256: finds this server in logs." }),
    endpoint: z.string().max(512).optional().meta({ description: 'The URL without its token.' }),
    expiresAt: z.string().max(40).optional().meta({ description: 'When the URL dies; "never" when it does not.' }),
    lastUsedTime: z.iso.datetime({ offset: true }).optional().meta({
      description:
        'The hour in which the URL was last used, by its beginning. Follows within minutes, later where more than 5 servers a second come into use; "crisp-mcp usage" shows the moment.',
    }),
  })
  .meta({ description: 'What the operator observed. Written by the operator alone; never holds a token.' });

export type CrispMcpServerSpec = z.infer<typeof crispMcpServerSpecSchema>;
export type CrispMcpServerStatus = z.infer<typeof crispMcpServerStatusSchema>;

export interface CrispMcpServer extends KubernetesObject {
  spec: CrispMcpServerSpec;
  status?: CrispMcpServerStatus;
}

export const crispMcpServerType: ResourceType<CrispMcpServer> = {
  group: API_GROUP,
  version: API_VERSION,
  plural: 'crispmcpservers',
  kind: 'CrispMcpServer',
  namespaced: true,
};

/** Reasons of a CrispMcpServer's conditions and what each means. Closed: docs and dashboards may rely on it. */
export const SERVER_REASONS = {
  Serving: 'Ready: the URL in the Secret serves the tools that status counts.',
  Provisioning: 'On its way: a step waits for something that comes by itself; the message says what for.',
  AccountNotFound: 'Not ready: the namespace has no CrispAccount of that name. The URL answers 503 until there is one.',
  AccountNotReady: 'Not ready: the CrispAccount cannot be used; the message repeats why. The URL answers 503.',
  NoToolsMatched:
    'Not ready: no tool is left by methods, tags, tools and the tiers of the account. The URL serves an empty list.',
  StoreUnavailable: 'Not ready: the route store (Redis) does not answer. It is tried again by itself.',
  SecretConflict:
    'Stalled: the Secret of that name belongs to somebody else and is left alone. Use another secretName.',
  TokenInvalid:
    'Stalled: the Secret holds a token that is not 43 to 128 characters of A-Z, a-z, 0-9, "_" and "-". Correct or delete it.',
  TokenConflict: 'Stalled: another live server holds the same token and keeps it. Delete this Secret for a new token.',
  InvalidSpec: 'Stalled: the spec cannot be used. Only an edit helps; the URL is dead until then.',
  ExpiresAtPassed: 'Expired: the URL is dead, Secret and route are gone. A later expiresAt issues a new token.',
  BornExpired:
    'Expired: it was created after its expiresAt, as a GitOps re-apply does. Kept, never served, never deleted.',
  SuspendRequested: 'Suspended: the URL answers 404 and the token is kept, for as long as spec.suspend is true.',
} as const;
export type ServerReason = keyof typeof SERVER_REASONS;
