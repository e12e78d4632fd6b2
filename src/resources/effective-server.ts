import type { CrispMcpServer, CrispMcpServerSpec } from './crisp-mcp-server.ts';
import { type EffectiveRateLimit, effectiveRateLimit } from './rate-limit.ts';

/**
 * A server's spec with every default filled in and every instant as a number: what decisions are made from. Defaults
 * live here and not in the CRD, so that stored objects keep the bytes their authors wrote.
 */
export interface EffectiveServer {
  accountName: string;
  displayName: string;
  filter: EffectiveFilter;
  /** Milliseconds since the Unix epoch; `undefined` when the server never expires. */
  expiresAt: number | undefined;
  expirationPolicy: 'Delete' | 'Retain';
  secretName: string;
  /** `undefined` when the server is not limited. */
  rateLimit: EffectiveRateLimit | undefined;
  requireApiTokenAuth: boolean;
  suspend: boolean;
}

/** The tool filter of a route. An absent field does not restrict. */
export interface EffectiveFilter {
  methods?: string[];
  tags?: string[];
  only?: string[];
  except?: string[];
  sensitive?: string[];
}

export function effectiveServer(server: CrispMcpServer): EffectiveServer {
  const { spec } = server;
  return {
    accountName: spec.accountRef.name,
    displayName: spec.displayName ?? server.metadata.name,
    filter: effectiveFilter(spec),
    expiresAt: spec.expiresAt === undefined ? undefined : Date.parse(spec.expiresAt),
    expirationPolicy: spec.expirationPolicy ?? 'Delete',
    secretName: spec.secretName ?? `${server.metadata.name}-mcp`,
    rateLimit: effectiveRateLimit(spec.rateLimit),
    requireApiTokenAuth: spec.requireApiTokenAuth ?? false,
    suspend: spec.suspend ?? false,
  };
}

/** Sorted and without repetition, so that equal filters have equal bytes. */
function effectiveFilter(spec: CrispMcpServerSpec): EffectiveFilter {
  const normal = (values: readonly string[] | undefined) =>
    values === undefined ? undefined : [...new Set(values)].sort();
  const fields = {
    methods: normal(spec.methods),
    tags: normal(spec.tags),
    only: normal(spec.tools?.only),
    except: normal(spec.tools?.except),
    sensitive: normal(spec.tools?.sensitive),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
