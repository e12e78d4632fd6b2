import type { z } from 'zod';
import {
  ACCOUNT_REASONS,
  crispAccountSpecSchema,
  crispAccountStatusSchema,
  crispAccountType,
} from './crisp-account.ts';
import {
  API_TOKEN_REASONS,
  crispApiTokenSpecSchema,
  crispApiTokenStatusSchema,
  crispApiTokenType,
} from './crisp-api-token.ts';
import {
  crispMcpServerSpecSchema,
  crispMcpServerStatusSchema,
  crispMcpServerType,
  SERVER_REASONS,
} from './crisp-mcp-server.ts';
import type { ResourceType } from './object.ts';

/**
 * What a CustomResourceDefinition says of a kind beside its schema: names, printer columns, description. The generator
 * turns each definition into `crds/<plural>.<group>.yaml`.
 */
export interface KindDefinition {
  readonly type: ResourceType;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  /** Reasons of its conditions and what each means. */
  readonly reasons: Readonly<Record<string, string>>;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 0 (default) is always shown, 1 only with `-o wide`. */
  readonly priority?: 1;
}

const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  description: 'True when it works; empty when it is expired or suspended.',
};

const reason: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.reason',
  description: 'Why it is in its present state.',
};

const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since it was created.',
};

export const KIND_DEFINITIONS: readonly KindDefinition[] = [
  {
    type: crispAccountType,
    singular: 'crispaccount',
    shortNames: ['cacc'],
    description: 'A Crisp website (workspace) and the credentials that reach it.',
    spec: crispAccountSpecSchema,
    status: crispAccountStatusSchema,
    reasons: ACCOUNT_REASONS,
    columns: [
      ready,
      reason,
      { name: 'Website', type: 'string', jsonPath: '.spec.websiteId', description: 'The Crisp website.' },
      {
        name: 'Tiers',
        type: 'string',
        jsonPath: '.status.tiers',
        description: 'Tiers whose credential Crisp accepts.',
      },
      age,
      {
        name: 'API',
        type: 'string',
        jsonPath: '.spec.apiUrl',
        description: 'Origin of the Crisp API when it is not the default.',
        priority: 1,
      },
    ],
  },
  {
    type: crispMcpServerType,
    singular: 'crispmcpserver',
    shortNames: ['cmcp'],
    description: 'An MCP server for a Crisp account, limited to some tools and, usually, to some time.',
    spec: crispMcpServerSpecSchema,
    status: crispMcpServerStatusSchema,
    reasons: SERVER_REASONS,
    columns: [
      ready,
      reason,
      { name: 'Account', type: 'string', jsonPath: '.spec.accountRef.name', description: 'The CrispAccount.' },
      { name: 'Tools', type: 'integer', jsonPath: '.status.tools.count', description: 'Number of tools it lists.' },
      { name: 'Expires', type: 'string', jsonPath: '.status.expiresAt', description: 'When its URL dies.' },
      age,
      {
        name: 'Secret',
        type: 'string',
        jsonPath: '.status.secretName',
        description: 'The Secret that holds the URL.',
        priority: 1,
      },
      {
        name: 'Fingerprint',
        type: 'string',
        jsonPath: '.status.fingerprint',
        description: 'Finds the server in logs.',
        priority: 1,
      },
      {
        name: 'Endpoint',
        type: 'string',
        jsonPath: '.status.endpoint',
        description: 'The URL without its token.',
        priority: 1,
      },
      {
        name: 'Last Used',
        type: 'date',
        jsonPath: '.status.lastUsedTime',
        description: 'Time since the beginning of the hour in which its URL was last used.',
        priority: 1,
      },
    ],
  },
  {
    type: crispApiTokenType,
    singular: 'crispapitoken',
    shortNames: ['ctok'],
    description: 'A token for servers that ask for a second factor, and for the provisioning API.',
    spec: crispApiTokenSpecSchema,
    status: crispApiTokenStatusSchema,
    reasons: API_TOKEN_REASONS,
    columns: [
      ready,
      reason,
      { name: 'Scopes', type: 'string', jsonPath: '.spec.scopes', description: 'What it may do.' },
      { name: 'Servers', type: 'string', jsonPath: '.spec.servers', description: 'Servers it may connect to.' },
      { name: 'Expires', type: 'string', jsonPath: '.status.expiresAt', description: 'When it dies.' },
      age,
      {
        name: 'Secret',
        type: 'string',
        jsonPath: '.status.secretName',
        description: 'The Secret that holds the token.',
        priority: 1,
      },
      {
        name: 'Fingerprint',
        type: 'string',
        jsonPath: '.status.fingerprint',
        description: 'Finds the token in logs.',
        priority: 1,
      },
    ],
  },
];
