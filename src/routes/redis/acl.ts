import {
  ACCOUNT_PREFIX,
  API_TOKEN_PREFIX,
  AUDIT_KEY,
  BOOK_PREFIX,
  KEY_PREFIX,
  LEDGER_PREFIX,
  ROUTE_PREFIX,
  SYNCED_KEY,
} from '../store-keys.ts';

/**
 * The least rights in Redis (version 7 and later) with which operator, gateway and `crisp-mcp usage` work, as arguments of ACL SETUSER after
 * the user's name and password. The gateway can write nothing
 * but the ledger and, with `AUDIT_RULES` added, entries of the audit's stream. In a cluster both also need `CLUSTER_RULES`; a database
 * other than 0 needs `+select`. For Sentinel the sentinels themselves are asked `SENTINEL get-master-addr-by-name` and
 * `SENTINEL sentinels`.
 */
const CONNECTION_RULES = ['+ping', '+info', '+client|setname'] as const;

/** What servers and credentials are used for, as the gateways have counted it. */
const USAGE_READS = ['+zmscore', '+hmget', '+hscan'] as const;

export const OPERATOR_RULES: readonly string[] = [
  'resetkeys',
  'resetchannels',
  '-@all',
  ...CONNECTION_RULES,
  '+get',
  '+mget',
  '+scan',
  '+zscan',
  '+zrem',
  // So that whoever has the operator's URL can run `crisp-mcp usage`.
  ...USAGE_READS,
  '+eval',
  '+evalsha',
  // Called from within the scripts.
  '+set',
  '+del',
  '+pttl',
  '+time',
  `~${KEY_PREFIX}*`,
];

/** What gateways tell each other: how many there are, and what they count. The keys are theirs alone. */
const LEDGER_RULES: readonly string[] = [
  '+zadd',
  '+zrem',
  '+zremrangebyscore',
  '+zcard',
  '+hincrby',
  '+expire',
  '+pexpire',
  `~${LEDGER_PREFIX}*`,
];

export const GATEWAY_RULES: readonly string[] = [
  'resetkeys',
  'resetchannels',
  '-@all',
  ...CONNECTION_RULES,
  '+mget',
  '+time',
  '+client|id',
  '+client|tracking',
  '+subscribe',
  '&__redis__:invalidate',
  `%R~${ROUTE_PREFIX}*`,
  `%R~${API_TOKEN_PREFIX}*`,
  `%R~${ACCOUNT_PREFIX}*`,
  `%R~${SYNCED_KEY}`,
  ...LEDGER_RULES,
];

/** Enough for `crisp-mcp usage`, where nobody is to have the operator's rights for it. */
export const USAGE_RULES: readonly string[] = [
  'resetkeys',
  'resetchannels',
  '-@all',
  ...CONNECTION_RULES,
  ...USAGE_READS,
  `%R~${BOOK_PREFIX}*`,
];

export const AUDIT_RULES: readonly string[] = ['+multi', '+exec', '+xadd', `%W~${AUDIT_KEY}`];

export const CLUSTER_RULES: readonly string[] = ['+cluster|slots', '+cluster|keyslot'];
