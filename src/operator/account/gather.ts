import { TIERS_BY_PRIVILEGE } from '../../catalog/tool.ts';
import type { CrispCredential } from '../../crisp/outcome.ts';
import { type CrispAccount, crispAccountSpecSchema, type Tier } from '../../resources/crisp-account.ts';
import { DEFAULT_CRISP_API_URL } from '../../resources/names.ts';
import { keyFor } from '../../resources/object.ts';
import { effectiveRateLimit } from '../../resources/rate-limit.ts';
import type { AccountRecord } from '../../routes/records.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { RevisionKeys } from '../config.ts';
import { credentialRevision } from './credential-secrets.ts';
import { acceptedTiers } from './decide.ts';
import type { AccountSituation, ApiUrlReading, CredentialFinding } from './situation.ts';
import type { VerdictMemory } from './verdict-memory.ts';

/** An account's situation, and beside it, apart from what decisions see, the credentials themselves. */
export interface GatheredAccount {
  readonly situation: AccountSituation;
  readonly credentials: ReadonlyMap<Tier, CrispCredential>;
}

export interface GatherAccountOptions {
  view: ClusterView;
  verdicts: VerdictMemory;
  allowedOrigins: ReadonlySet<string>;
  revisionKeys: () => RevisionKeys;
}

export async function gatherAccount(account: CrispAccount, options: GatherAccountOptions): Promise<GatheredAccount> {
  const { view, verdicts, allowedOrigins } = options;
  const { current, previous } = options.revisionKeys();
  const apiUrl = readApiUrl(account, allowedOrigins);
  const credentials = new Map<Tier, CrispCredential>();
  const findings: CredentialFinding[] = [];
  for (const { tier, secretRef } of byPrivilege(account)) {
    const reading = await view.credentials.find(keyFor(account.metadata.namespace ?? '', secretRef.name));
    if (reading.found !== 'present') {
      findings.push({ tier, secretName: secretRef.name, ...reading });
      continue;
    }
    const { credential, secretUid } = reading;
    const subject = { websiteId: account.spec.websiteId, origin: apiUrl.origin, tier, secretUid, credential };
    findings.push({
      tier,
      secretName: secretRef.name,
      found: 'present',
      revision: credentialRevision(current, subject),
      formerRevision: previous === undefined ? undefined : credentialRevision(previous, subject),
    });
    credentials.set(tier, credential);
  }
  const situation: AccountSituation = {
    account,
    apiUrl,
    invalid: problemsOf(account),
    credentials: findings,
    verdicts: verdicts.of(account.metadata.uid ?? ''),
    store: { failed: false, abandonRecord: false },
  };
  return { situation, credentials };
}

export function accountRecord(gathered: GatheredAccount, origin: string, tiers: readonly Tier[]): AccountRecord {
  const { account } = gathered.situation;
  const rateLimit = effectiveRateLimit(account.spec.rateLimit);
  return {
    uid: account.metadata.uid ?? '',
    namespace: account.metadata.namespace ?? '',
    name: account.metadata.name,
    websiteId: account.spec.websiteId,
    apiUrl: origin,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    credentials: tiers.flatMap((tier) => {
      const credential = gathered.credentials.get(tier);
      return credential === undefined ? [] : [{ tier, ...credential }];
    }),
  };
}

/** The record that should be stored by what is settled already; what a rebuild writes without asking Crisp. */
export function settledRecord(gathered: GatheredAccount): AccountRecord | undefined {
  const { situation } = gathered;
  const { account, invalid, apiUrl } = situation;
  if (account.metadata.deletionTimestamp !== undefined || invalid !== undefined || apiUrl.kind === 'refused') {
    return undefined;
  }
  const tiers = acceptedTiers(situation);
  return tiers.length === 0 ? undefined : accountRecord(gathered, apiUrl.origin, tiers);
}

function byPrivilege(account: CrispAccount): CrispAccount['spec']['credentials'] {
  const rank = (tier: Tier) => TIERS_BY_PRIVILEGE.indexOf(tier);
  return [...account.spec.credentials].sort((a, b) => rank(a.tier) - rank(b.tier));
}

function readApiUrl(account: CrispAccount, allowed: ReadonlySet<string>): ApiUrlReading {
  const url = account.spec.apiUrl ?? DEFAULT_CRISP_API_URL;
  const origin = URL.canParse(url) ? new URL(url).origin : url;
  return { kind: allowed.has(origin) ? 'allowed' : 'refused', origin };
}

function problemsOf(account: CrispAccount): string | undefined {
  const parsed = crispAccountSpecSchema.safeParse(account.spec);
  if (parsed.success) return undefined;
  return parsed.error.issues
    .slice(0, 5)
    .map((issue) => `spec.${issue.path.join('.')}: ${issue.message}.`)
    .join(' ');
}
