import { API_GROUP, LEASE_NAME } from '../resources/names.ts';

/**
 * What the operator may do in a cluster, and the roles that people are given. The one source of `deploy/rbac.yaml` and
 * of the chart's roles. Every verb says why it is needed; the end-to-end tests run operators under exactly this, so a
 * verb that is missing fails a test and one without a reason has no place here.
 */
export interface Permission {
  readonly apiGroup: string;
  readonly resources: readonly string[];
  /** Only objects of these names. Not possible for `create`. */
  readonly resourceNames?: readonly string[];
  /** Each verb with its reason. */
  readonly verbs: Readonly<Record<string, string>>;
}

/** Wherever servers and accounts are looked after: the whole cluster, or each listed namespace. */
export const OPERATOR_PERMISSIONS: readonly Permission[] = [
  {
    apiGroup: API_GROUP,
    resources: ['crispmcpservers'],
    verbs: {
      get: 'read a server as it is now before its Secret is created and before it is deleted',
      list: 'fill the cache',
      watch: 'keep the cache current',
      patch: 'add and remove the finalizer',
      delete: 'delete a server whose expiresAt has passed',
    },
  },
  {
    apiGroup: API_GROUP,
    resources: ['crispaccounts'],
    verbs: {
      list: 'fill the cache',
      watch: 'keep the cache current',
      patch: 'add and remove the finalizer',
    },
  },
  {
    apiGroup: API_GROUP,
    resources: ['crispapitokens'],
    verbs: {
      get: 'read an API token as it is now before its Secret is created and before it is deleted',
      list: 'fill the cache',
      watch: 'keep the cache current',
      patch: 'add and remove the finalizer',
      delete: 'delete an API token whose expiresAt has passed',
    },
  },
  {
    apiGroup: API_GROUP,
    resources: ['crispmcpservers/status', 'crispaccounts/status', 'crispapitokens/status'],
    verbs: { patch: 'say how each stands' },
  },
  {
    apiGroup: '',
    resources: ['secrets'],
    verbs: {
      get: 'read the credentials that accounts name, and tokens',
      list: 'fill the cache of metadata; read tokens and credentials page by page when a leadership begins',
      watch: 'hear of changed credentials and deleted tokens (metadata only)',
      create: 'issue a token',
      patch: 'bring the URL in a token Secret up to date',
      delete: 'delete the token with its server',
    },
  },
  {
    apiGroup: '',
    resources: ['namespaces'],
    verbs: { get: 'see whether a namespace goes away, when the route store fails during a deletion' },
  },
  {
    apiGroup: 'events.k8s.io',
    resources: ['events'],
    verbs: { create: 'tell what happened', patch: 'count what happens again' },
  },
];

/** For `crisp-mcp cleanup`, wherever it is to clean up: a person's or the chart's pre-delete hook. */
export const CLEANUP_PERMISSIONS: readonly Permission[] = [
  {
    apiGroup: API_GROUP,
    resources: ['crispmcpservers', 'crispapitokens', 'crispaccounts'],
    verbs: {
      list: 'see what there is',
      delete: 'delete it (--delete)',
      patch: 'take the finalizer off what no operator lets go',
    },
  },
  {
    apiGroup: '',
    resources: ['secrets'],
    verbs: {
      get: 'make sure that a Secret is a token of ours before it is deleted',
      list: 'find tokens without a server (metadata only)',
      delete: 'delete the token with its server',
    },
  },
];

/** In the namespace the operator runs in. */
export const ELECTION_PERMISSIONS: readonly Permission[] = [
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: { create: 'make the lease the first time (RBAC cannot restrict this by name)' },
  },
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    resourceNames: [LEASE_NAME],
    verbs: { get: 'see who leads', update: 'take, renew and release the lease' },
  },
];

/** A role for people, to be bound by whoever administers a namespace. Neither is aggregated into `edit` or `admin`. */
export interface PeopleRole {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
}

const READING = { get: 'read', list: 'list', watch: 'follow' };
const WRITING = { create: 'create', update: 'edit', patch: 'edit', delete: 'delete', deletecollection: 'delete many' };

export const PEOPLE_ROLES: readonly PeopleRole[] = [
  {
    name: 'crisp-account-admin',
    description:
      'May connect Crisp websites and issue API tokens. Whoever edits an account chooses the website that the servers of the namespace work on, and which credentials they use.',
    permissions: [
      { apiGroup: API_GROUP, resources: ['crispaccounts', 'crispapitokens'], verbs: { ...READING, ...WRITING } },
    ],
  },
  {
    name: 'crisp-server-editor',
    description:
      'May create and change MCP servers for accounts that exist. Reading the URL of one needs "get" on its Secret besides.',
    permissions: [
      { apiGroup: API_GROUP, resources: ['crispmcpservers'], verbs: { ...READING, ...WRITING } },
      { apiGroup: API_GROUP, resources: ['crispaccounts'], verbs: { ...READING } },
    ],
  },
  {
    name: 'crisp-viewer',
    description: 'May look at MCP servers and accounts. Neither shows a URL or a credential.',
    permissions: [{ apiGroup: API_GROUP, resources: ['crispmcpservers', 'crispaccounts'], verbs: { ...READING } }],
  },
];
