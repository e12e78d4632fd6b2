/** The names by which the project is known in a cluster. Each stands here once. */
export const API_GROUP = 'crispmcp.io';
export const API_VERSION = 'v1alpha1';

/** Holds a CrispMcpServer until its routes and Secret are gone. */
export const SERVER_FINALIZER = 'crispmcp.io/routes';
/** Holds a CrispAccount until its record is gone from the route store. */
export const ACCOUNT_FINALIZER = 'crispmcp.io/account';
/** Holds a CrispApiToken until its record and Secret are gone. */
export const API_TOKEN_FINALIZER = 'crispmcp.io/api-token';

/** Type of the Secret that carries a server's token and URL (keys `token`, `url`, `mcp.json`, `expiresAt`). */
export const TOKEN_SECRET_TYPE = 'crispmcp.io/token';
/** Label on that Secret: the name of the CrispMcpServer in the same namespace. */
export const SERVER_LABEL = 'crispmcp.io/server';
/** Type of the Secret that carries an API token (keys `token`, `expiresAt`). */
export const API_TOKEN_SECRET_TYPE = 'crispmcp.io/api-token';
/** Label on that Secret: the name of the CrispApiToken in the same namespace. */
export const API_TOKEN_LABEL = 'crispmcp.io/api-token';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'crisp-mcp-operator';

/** Field managers: one a duty, so that two duties never overwrite each other's fields. */
export const FIELD_MANAGER = 'crisp-mcp-operator';
export const STATUS_FIELD_MANAGER = 'crisp-mcp-operator-status';
export const LAST_USE_FIELD_MANAGER = 'crisp-mcp-operator-last-use';

/** `reportingController` of events and `holderIdentity` prefix of the lease. */
export const CONTROLLER_NAME = 'crispmcp.io/operator';
export const LEASE_NAME = 'crisp-mcp-operator';

/** The Crisp API that an account speaks to when it does not say otherwise. */
export const DEFAULT_CRISP_API_URL = 'https://api.crisp.chat';
