import type { Secret } from '../../kubernetes/core-types.ts';
import { API_TOKEN_LABEL, API_TOKEN_SECRET_TYPE, MANAGED_BY, MANAGED_BY_LABEL } from '../../resources/names.ts';
import { ownerLabelValue, type TokenSecretFacts } from '../server/token-secret.ts';

/**
 * The Secret that carries an API token. Its type differs from that of a server's Secret, so that neither can be taken for
 * the other, whatever a user writes into labels.
 */
export function isOwnApiTokenSecret(apiToken: { metadata: { name: string } }, secret: TokenSecretFacts): boolean {
  if (secret.type !== API_TOKEN_SECRET_TYPE) return false;
  return secret.label === undefined || secret.label === ownerLabelValue(apiToken.metadata.name);
}

export function newApiTokenSecret(options: {
  namespace: string;
  name: string;
  apiTokenName: string;
  token: string;
  expiresAt: string;
}): Secret {
  const { namespace, name, apiTokenName, token, expiresAt } = options;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: apiTokenLabels(apiTokenName) },
    type: API_TOKEN_SECRET_TYPE,
    data: { token: encode(token), ...apiTokenData(expiresAt) },
  };
}

export function apiTokenLabels(apiTokenName: string): Record<string, string> {
  return { [API_TOKEN_LABEL]: ownerLabelValue(apiTokenName), [MANAGED_BY_LABEL]: MANAGED_BY };
}

/** Base64 values of the keys beside the token. */
export function apiTokenData(expiresAt: string): Record<string, string> {
  return { expiresAt: encode(expiresAt) };
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
