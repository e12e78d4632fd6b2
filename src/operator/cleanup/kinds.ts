import { secretType } from '../../kubernetes/core-types.ts';
import type { ObjectApi } from '../../kubernetes/object-api.ts';
import { type CrispAccount, crispAccountType } from '../../resources/crisp-account.ts';
import { type CrispApiToken, crispApiTokenType } from '../../resources/crisp-api-token.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { ACCOUNT_FINALIZER, API_TOKEN_FINALIZER, SERVER_FINALIZER } from '../../resources/names.ts';
import type { KubernetesObject, ResourceType } from '../../resources/object.ts';
import { apiTokenSecretNameOf } from '../api-token/read-spec.ts';
import { isOwnApiTokenSecret } from '../api-token/token-secret.ts';
import { secretNameOf } from '../server/read-spec.ts';
import { isOwnSecret, readTokenSecret } from '../server/token-secret.ts';

/**
 * What a cleanup must know of each kind: the finalizer that holds it, and what else of it is outside the route store.
 * In the order in which the kinds go: what refers to others first.
 */
export interface CleanableKind<T extends KubernetesObject = KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly finalizer: string;
  /** Deletes its Secret, if it is its own. One without our label was never in use and stays with whoever brought it. */
  deleteSecret(api: ObjectApi, object: T): Promise<void>;
}

interface WithTokenSecret<T extends KubernetesObject> extends CleanableKind<T> {
  secretName(object: T): string;
}

const servers: WithTokenSecret<CrispMcpServer> = {
  type: crispMcpServerType,
  finalizer: SERVER_FINALIZER,
  secretName: secretNameOf,
  async deleteSecret(api, server) {
    const reference = { namespace: server.metadata.namespace ?? '', name: secretNameOf(server) };
    const secret = await api.get(secretType, reference);
    if (secret === undefined) return;
    const facts = readTokenSecret(secret);
    if (facts.label !== undefined && isOwnSecret(server, facts))
      await api.delete(secretType, reference, { uid: facts.uid });
  },
};

const apiTokens: WithTokenSecret<CrispApiToken> = {
  type: crispApiTokenType,
  finalizer: API_TOKEN_FINALIZER,
  secretName: apiTokenSecretNameOf,
  async deleteSecret(api, apiToken) {
    const reference = { namespace: apiToken.metadata.namespace ?? '', name: apiTokenSecretNameOf(apiToken) };
    const secret = await api.get(secretType, reference);
    if (secret === undefined) return;
    const facts = readTokenSecret(secret);
    if (facts.label !== undefined && isOwnApiTokenSecret(apiToken, facts)) {
      await api.delete(secretType, reference, { uid: facts.uid });
    }
  },
};

const accounts: CleanableKind<CrispAccount> = {
  type: crispAccountType,
  finalizer: ACCOUNT_FINALIZER,
  deleteSecret: async () => undefined,
};

export const CLEANABLE_KINDS = [servers, apiTokens, accounts] as const;
