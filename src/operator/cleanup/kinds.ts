import { secretType } from '../../kubernetes/core-types.ts';
import type { ObjectApi } from '../../kubernetes/object-api.ts';
import { type CrispAccount, crispAccountType } from '../../resources/crisp-account.ts';
import { ACCOUNT_FINALIZER } from '../../resources/names.ts';
import type { KubernetesObject, ObjectKey, ResourceType } from '../../resources/object.ts';
import { API_TOKEN_KIND } from '../api-token/api-token-kind.ts';
import { SERVER_KIND } from '../server/server-kind.ts';
import { secretKeyOf } from '../token-owner/gather.ts';
import type { OwnerKind } from '../token-owner/owner-kind.ts';
import type { OwnerTypes } from '../token-owner/situation.ts';
import { isOwnSecret, readTokenSecret, type TokenSecretKind } from '../token-owner/token-secret.ts';

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

/** Of a kind whose objects have a token in a Secret. */
export interface CleanableOwnerKind<T extends KubernetesObject> extends CleanableKind<T> {
  readonly secret: TokenSecretKind;
  secretKeyOf(object: T): ObjectKey;
}

function withToken<T extends OwnerTypes>(kind: OwnerKind<T>): CleanableOwnerKind<T['owner']> {
  return {
    type: kind.type,
    finalizer: kind.finalizer,
    secret: kind.secret,
    secretKeyOf: (owner) => secretKeyOf(kind, owner),
    async deleteSecret(api, owner) {
      const reference = { namespace: owner.metadata.namespace ?? '', name: kind.secretNameOf(owner) };
      const secret = await api.get(secretType, reference);
      if (secret === undefined) return;
      const facts = readTokenSecret(secret);
      if (facts.label !== undefined && isOwnSecret(kind.secret, owner, facts)) {
        await api.delete(secretType, reference, { uid: facts.uid });
      }
    },
  };
}

const accounts: CleanableKind<CrispAccount> = {
  type: crispAccountType,
  finalizer: ACCOUNT_FINALIZER,
  deleteSecret: async () => undefined,
};

export const CLEANABLE_KINDS = [withToken(SERVER_KIND), withToken(API_TOKEN_KIND), accounts] as const;
