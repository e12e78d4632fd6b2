import { credentialDigest, DAILY_QUOTAS, quotaBookName } from '../../gateway/crisp-quota.ts';
import { secretType } from '../../kubernetes/core-types.ts';
import { listPages } from '../../kubernetes/list-pages.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import { readCredential } from '../../operator/account/credential-secrets.ts';
import { type CrispAccount, crispAccountType, type Tier } from '../../resources/crisp-account.ts';
import type { UsageReader } from '../../routes/ledger/usage-reader.ts';

/**
 * How many requests Crisp has had today of each credential. The gateways' book knows credentials by a digest only; whose
 * one is, is found out by reading the Secrets that accounts name and making the digest again. Where those may not be read
 * a credential stays a digest. Of credentials nothing else leaves this file.
 */
export interface CredentialReport {
  readonly digest: string;
  readonly requestsToday: number;
  /** Of whom it is; empty when that could not be found out. */
  readonly accounts: readonly CredentialOwner[];
  /** What Crisp allows a day, where it says so. */
  readonly dailyLimit: number | null;
}

export interface CredentialOwner {
  readonly namespace: string;
  readonly name: string;
  readonly tier: Tier;
}

export interface CrispRequestsReport {
  readonly credentials: readonly CredentialReport[];
  /** Secrets that may not be read. */
  readonly unreadable: number;
}

const AT_ONCE = 8;

export async function reportCrispRequests(options: {
  api: Pick<ObjectApi, 'get' | 'list'>;
  reader: Pick<UsageReader, 'amounts'>;
  now: number;
  /** All namespaces when it is `undefined`; then credentials whose owner is not known are reported too. */
  namespace: string | undefined;
  /** Only accounts of these names. */
  accounts?: ReadonlySet<string>;
}): Promise<CrispRequestsReport> {
  const { api, reader, now, namespace } = options;
  const requests = await reader.amounts(quotaBookName(now));
  const owners = new Map<string, CredentialOwner[]>();
  let unreadable = 0;
  for await (const accounts of listPages(api, crispAccountType, namespace)) {
    const chosen = accounts.filter(({ metadata }) => options.accounts?.has(metadata.name) ?? true);
    for (let start = 0; start < chosen.length; start += AT_ONCE) {
      const found = await Promise.all(chosen.slice(start, start + AT_ONCE).map((account) => digestsOf(api, account)));
      for (const { digest, owner } of found.flat()) {
        if (digest === undefined) unreadable += 1;
        else owners.set(digest, [...(owners.get(digest) ?? []), owner]);
      }
    }
  }
  const strangers = namespace === undefined ? [...requests.keys()].filter((digest) => !owners.has(digest)) : [];
  const credentials = [...owners.keys(), ...strangers].map((digest) => {
    const own = owners.get(digest) ?? [];
    const dailyLimit = own[0] === undefined ? null : (DAILY_QUOTAS[own[0].tier] ?? null);
    return { digest, requestsToday: requests.get(digest) ?? 0, accounts: own, dailyLimit };
  });
  return { credentials: credentials.sort((a, b) => b.requestsToday - a.requestsToday), unreadable };
}

/** `digest` is `undefined` where the Secret may not be read; what has no credential is left out. */
async function digestsOf(
  api: Pick<ObjectApi, 'get'>,
  { metadata, spec }: CrispAccount,
): Promise<{ digest: string | undefined; owner: CredentialOwner }[]> {
  const { namespace = '', name } = metadata;
  const found = await Promise.all(
    spec.credentials.map(async ({ tier, secretRef }) => {
      const owner = { namespace, name, tier };
      try {
        const secret = await api.get(secretType, { namespace, name: secretRef.name });
        const reading = secret === undefined ? undefined : readCredential(secret);
        return reading?.found === 'present' ? [{ digest: credentialDigest(reading.credential), owner }] : [];
      } catch (error) {
        if (isApiError(error, 'Forbidden')) return [{ digest: undefined, owner }];
        throw error;
      }
    }),
  );
  return found.flat();
}
