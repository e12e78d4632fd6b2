import { secretType } from '../../kubernetes/core-types.ts';
import type { ObjectApi } from '../../kubernetes/object-api.ts';
import { type CrispAccount, crispAccountType } from '../../resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { ACCOUNT_FINALIZER, SERVER_FINALIZER } from '../../resources/names.ts';
import type { KubernetesObject, ResourceType } from '../../resources/object.ts';
import { secretNameOf } from '../server/read-spec.ts';
import { isOwnSecret, readTokenSecret } from '../server/token-secret.ts';

/**
 * What a cleanup must know of each kind: the finalizer that holds it, and what else of it is outside the route store.
 * In the order in which the kinds go: what refers to others first.
 */
export interface CleanableKind<T extends KubernetesObject = KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly finalizer: string;
  /** Deletes its Secret, if it is its own. */
  deleteSecret(api: ObjectApi, object: T): Promise<void>;
}

interface CleanableServers extends CleanableKind<CrispMcpServer> {
  secretName(server: CrispMcpServer): string;
}

const servers: CleanableServers = {
  type: crispMcpServerType,
  finalizer: SERVER_FINALIZER,
  secretName: secretNameOf,
  async deleteSecret(api, server) {
    const reference = { namespace: server.metadata.namespace ?? '', name: secretNameOf(server) };
    const secret = await api.get(secretType, reference);
    if (secret === undefined) return;
    const facts = readTokenSecret(secret);
    if (isOwnSecret(server, facts)) await api.delete(secretType, reference, { uid: facts.uid });
  },
};

const accounts: CleanableKind<CrispAccount> = {
  type: crispAccountType,
  finalizer: ACCOUNT_FINALIZER,
  deleteSecret: async () => undefined,
};

export const CLEANABLE_KINDS = [servers, accounts] as const;
