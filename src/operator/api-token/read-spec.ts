import { type CrispApiToken, crispApiTokenSpecSchema, effectiveApiToken } from '../../resources/crisp-api-token.ts';
import type { ApiTokenReading } from './situation.ts';

/** Reads a spec once for each version of the object; what the CRD let through all the same becomes a reason to show. */
const READINGS = new WeakMap<CrispApiToken, ApiTokenReading>();

export function readApiTokenSpec(apiToken: CrispApiToken): ApiTokenReading {
  const known = READINGS.get(apiToken);
  if (known !== undefined) return known;
  const reading = read(apiToken);
  READINGS.set(apiToken, reading);
  return reading;
}

/** Also of a spec that cannot be read otherwise. */
export function apiTokenSecretNameOf(apiToken: CrispApiToken): string {
  return apiToken.spec.secretName ?? `${apiToken.metadata.name}-api-token`;
}

function read(apiToken: CrispApiToken): ApiTokenReading {
  const parsed = crispApiTokenSpecSchema.safeParse(apiToken.spec);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map((issue) => `spec.${issue.path.join('.')}: ${issue.message}.`);
    return { kind: 'invalid', message: problems.join(' ') };
  }
  const effective = effectiveApiToken(apiToken);
  if (effective.expiresAt !== undefined && Number.isNaN(effective.expiresAt)) {
    return { kind: 'invalid', message: 'spec.expiresAt is not an instant that exists.' };
  }
  if (effective.scopes.includes('connect') && effective.servers.length === 0) {
    return { kind: 'invalid', message: 'spec.servers is missing, which the scope "connect" needs.' };
  }
  return { kind: 'valid', effective };
}
