import type { ConnectionOptions } from 'node:tls';
import type { RedisOptions } from 'ioredis';
import { ClusterOwnerConnector } from './cluster-owner-connector.ts';

/**
 * Where Redis is, from a URL:
 *
 *   redis://[user:password@]host[:6379][/database]        one server (rediss:// for TLS)
 *   redis+sentinel://[user:password@]host[:26379],…/name[/database]
 *   redis+cluster://[user:password@]host[:6379],…
 *   redis+unix:///path/to/socket
 *
 * `rediss+sentinel` and `rediss+cluster` are the same with TLS. User and password are percent-encoded. In every form the
 * store keeps one connection to the one server that owns its keys: a master, never a replica. Neither the URL nor a
 * password ever stands in an error or a log line; `description` names the hosts.
 */
export interface RedisSettings {
  readonly url: string;
  /** PEM of the authority that signed the server's certificate, when it is not a public one. */
  readonly tlsCa?: string;
  readonly tlsServerName?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface RedisTarget {
  readonly description: string;
  readonly options: RedisOptions;
}

export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError';
  readonly code = 'ROUTES_REDIS_URL';
  constructor(problem: string) {
    super(
      `The Redis URL ${problem}. Write redis://host:6379, rediss://host:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379.`,
    );
  }
}

const URL_PATTERN = /^(redis|rediss)(\+sentinel|\+cluster|\+unix)?:\/\/(?:([^@/]*)@)?([^@/]*)((?:\/.*)?)$/;

export function parseRedisTarget(settings: RedisSettings): RedisTarget {
  const [, scheme, form = '', userInfo = '', hosts = '', path = ''] = URL_PATTERN.exec(settings.url.trim()) ?? [];
  if (scheme === undefined) throw new RedisUrlError('is not understood');
  if (form === '+unix') return { description: path, options: { path, ...credentials(userInfo) } };

  const addresses = hosts.split(',').map((text) => parseAddress(text, form === '+sentinel' ? 26379 : 6379));
  const [address] = addresses;
  if (address === undefined) throw new RedisUrlError('names no host');
  const description = addresses.map(({ host, port }) => `${host}:${port}`).join(',');
  const shared = { ...credentials(userInfo), ...(scheme === 'rediss' ? { tls: tlsOptions(settings) } : {}) };
  const parts = path.split('/').slice(1);

  if (form === '+sentinel') {
    const [name, database] = parts;
    if (name === undefined || name === '') throw new RedisUrlError('names no Sentinel master (…/name)');
    return {
      description: `${name} at sentinels ${description}`,
      options: {
        ...shared,
        ...sentinelOptions(settings, scheme === 'rediss'),
        name,
        sentinels: addresses,
        db: parseDatabase(database),
      },
    };
  }
  if (form === '+cluster') {
    return { description, options: { ...shared, Connector: ClusterOwnerConnector.for(addresses, shared) } };
  }
  return { description, options: { ...shared, ...address, db: parseDatabase(parts[0]) } };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

function parseAddress(text: string, defaultPort: number): Address {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new RedisUrlError('has a host that is not understood');
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? defaultPort : Number(port) };
}

function parseDatabase(text = ''): number {
  if (!/^\d{0,4}$/.test(text)) throw new RedisUrlError('has a database that is not a number');
  return Number(text);
}

function credentials(userInfo: string): { username?: string; password?: string } {
  if (userInfo === '') return {};
  const colon = userInfo.indexOf(':');
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const username = user === '' ? {} : { username: decode(user) };
  return colon < 0 ? username : { ...username, password: decode(userInfo.slice(colon + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUrlError('has a user or password that is not percent-encoded');
  }
}

function tlsOptions({ tlsCa, tlsServerName }: RedisSettings): ConnectionOptions {
  return {
    ...(tlsCa === undefined ? {} : { ca: tlsCa }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
  };
}

function sentinelOptions(settings: RedisSettings, tls: boolean): RedisOptions {
  return {
    ...(settings.sentinelUsername === undefined ? {} : { sentinelUsername: settings.sentinelUsername }),
    ...(settings.sentinelPassword === undefined ? {} : { sentinelPassword: settings.sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(settings) } : {}),
    role: 'master',
    sentinelCommandTimeout: 1000,
    sentinelRetryStrategy: () => 500,
  };
}
