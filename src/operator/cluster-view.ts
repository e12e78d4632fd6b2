import type { ObjectApi } from '../kubernetes/object-api.ts';
import type { ObjectCache } from '../kubernetes/object-cache.ts';
import type { Clock } from '../process/clock.ts';
import type { CrispAccount } from '../resources/crisp-account.ts';
import type { CrispApiToken } from '../resources/crisp-api-token.ts';
import type { CrispMcpServer } from '../resources/crisp-mcp-server.ts';
import { type KubernetesObject, keyFor, type ObjectKey } from '../resources/object.ts';
import { CredentialSecrets } from './account/credential-secrets.ts';
import { API_TOKEN_KIND } from './api-token/api-token-kind.ts';
import { FreshObjects } from './fresh-objects.ts';
import { ObjectIndex } from './object-index.ts';
import { SERVER_KIND } from './server/server-kind.ts';
import { secretKeyOf } from './token-owner/gather.ts';
import { TokenSecrets } from './token-secrets.ts';
import { VanishedObjects } from './vanished-objects.ts';

/** The watched kinds; of Secrets only the metadata. */
export interface WatchedKinds {
  readonly servers: ObjectCache<CrispMcpServer>;
  readonly accounts: ObjectCache<CrispAccount>;
  readonly apiTokens: ObjectCache<CrispApiToken>;
  readonly secrets: ObjectCache<KubernetesObject>;
}

/**
 * Everything the operator knows of the cluster, and how its parts refer to each other: which servers name an account,
 * which servers, accounts or API tokens name a Secret. Seen through the operator's own writes.
 */
export class ClusterView {
  readonly watched: WatchedKinds;
  readonly servers: FreshObjects<CrispMcpServer>;
  readonly accounts: FreshObjects<CrispAccount>;
  readonly apiTokens: FreshObjects<CrispApiToken>;
  readonly tokenSecrets: TokenSecrets;
  readonly credentials: CredentialSecrets;
  readonly #serversByAccount: ObjectIndex<CrispMcpServer>;
  readonly #serversBySecret: ObjectIndex<CrispMcpServer>;
  readonly #serversByUid: ObjectIndex<CrispMcpServer>;
  readonly #accountsBySecret: ObjectIndex<CrispAccount>;
  readonly #accountsByUid: ObjectIndex<CrispAccount>;
  readonly #apiTokensBySecret: ObjectIndex<CrispApiToken>;
  readonly #apiTokensByUid: ObjectIndex<CrispApiToken>;
  readonly vanishedServers: VanishedObjects;
  readonly vanishedAccounts: VanishedObjects;
  readonly vanishedApiTokens: VanishedObjects;

  constructor(options: { api: ObjectApi; watched: WatchedKinds; clock: Clock }) {
    const { api, watched, clock } = options;
    this.watched = watched;
    this.servers = new FreshObjects(watched.servers);
    this.accounts = new FreshObjects(watched.accounts);
    this.apiTokens = new FreshObjects(watched.apiTokens);
    this.tokenSecrets = new TokenSecrets({ api, watched: watched.secrets, clock });
    this.credentials = new CredentialSecrets({ api, watched: watched.secrets });
    this.#serversByAccount = new ObjectIndex(watched.servers, (server) => [
      besideKey(server, server.spec.accountRef.name),
    ]);
    this.#serversBySecret = new ObjectIndex(watched.servers, (server) => [secretKeyOf(SERVER_KIND, server)]);
    this.#serversByUid = new ObjectIndex(watched.servers, uidOf);
    this.#accountsBySecret = new ObjectIndex(watched.accounts, (account) =>
      account.spec.credentials.map(({ secretRef }) => besideKey(account, secretRef.name)),
    );
    this.#accountsByUid = new ObjectIndex(watched.accounts, uidOf);
    this.#apiTokensBySecret = new ObjectIndex(watched.apiTokens, (apiToken) => [secretKeyOf(API_TOKEN_KIND, apiToken)]);
    this.#apiTokensByUid = new ObjectIndex(watched.apiTokens, uidOf);
    this.vanishedServers = new VanishedObjects(watched.servers);
    this.vanishedAccounts = new VanishedObjects(watched.accounts);
    this.vanishedApiTokens = new VanishedObjects(watched.apiTokens);
  }

  serversOfAccount(account: ObjectKey): readonly ObjectKey[] {
    return this.#serversByAccount.find(account);
  }

  serversOfSecret(secret: ObjectKey): readonly ObjectKey[] {
    return this.#serversBySecret.find(secret);
  }

  accountsOfSecret(secret: ObjectKey): readonly ObjectKey[] {
    return this.#accountsBySecret.find(secret);
  }

  apiTokensOfSecret(secret: ObjectKey): readonly ObjectKey[] {
    return this.#apiTokensBySecret.find(secret);
  }

  apiTokenOfUid(uid: string): ObjectKey | undefined {
    return this.#apiTokensByUid.find(uid)[0];
  }

  serverOfUid(uid: string): ObjectKey | undefined {
    return this.#serversByUid.find(uid)[0];
  }

  accountOfUid(uid: string): ObjectKey | undefined {
    return this.#accountsByUid.find(uid)[0];
  }

  close(): void {
    this.vanishedServers.close();
    this.vanishedAccounts.close();
    this.vanishedApiTokens.close();
    for (const index of [this.#serversByAccount, this.#serversBySecret, this.#serversByUid]) index.close();
    for (const index of [this.#accountsBySecret, this.#accountsByUid]) index.close();
    for (const index of [this.#apiTokensBySecret, this.#apiTokensByUid]) index.close();
    this.tokenSecrets.close();
    this.credentials.close();
  }
}

function besideKey(object: KubernetesObject, name: string): ObjectKey {
  return keyFor(object.metadata.namespace ?? '', name);
}

function uidOf(object: KubernetesObject): readonly string[] {
  return object.metadata.uid === undefined ? [] : [object.metadata.uid];
}
