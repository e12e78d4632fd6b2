import { TIERS, type Tier } from '../../resources/crisp-account.ts';
import { DEFAULT_CRISP_API_URL } from '../../resources/names.ts';
import { UserError } from '../user-error.ts';

/** Whom standalone mode works on: a real Crisp website, by the environment, or the sandbox. */
export type CrispSource =
  | { readonly kind: 'sandbox' }
  | {
      readonly kind: 'website';
      readonly apiUrl: string;
      readonly websiteId: string;
      readonly tier: Tier;
      readonly identifier: string;
      readonly key: string;
    };

const NEEDED = ['CRISP_WEBSITE_ID', 'CRISP_IDENTIFIER', 'CRISP_KEY'] as const;

/** Credentials that are given in part are a mistake, not a wish for the sandbox. */
export function crispSource(environment: NodeJS.ProcessEnv, sandboxAllowed: boolean): CrispSource {
  const given = NEEDED.filter((name) => (environment[name] ?? '') !== '');
  if (given.length === 0) {
    if (sandboxAllowed) return { kind: 'sandbox' };
    throw new UserError(
      'NO_CREDENTIALS',
      `--no-sandbox needs a Crisp token: set ${NEEDED.join(', ')} and, unless it is a website token, CRISP_TIER. ` +
        'In Crisp: Settings > Workspace Settings > Advanced configuration.',
    );
  }
  const [websiteId = '', identifier = '', key = ''] = NEEDED.map((name) => environment[name]);
  const missing = NEEDED.filter((name) => !given.includes(name));
  if (missing.length > 0) {
    throw new UserError(
      'CREDENTIALS_INCOMPLETE',
      `${given.join(', ')} is set, but not ${missing.join(', ')}: set all of them, or none for the sandbox.`,
    );
  }
  const tier = TIERS.find((known) => known === (environment.CRISP_TIER || 'website'));
  if (tier === undefined) {
    throw new UserError('TIER_UNKNOWN', `CRISP_TIER must be one of ${TIERS.join(', ')}.`);
  }
  return {
    kind: 'website',
    apiUrl: environment.CRISP_API_URL || DEFAULT_CRISP_API_URL,
    websiteId,
    tier,
    identifier,
    key,
  };
}
