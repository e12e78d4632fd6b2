import { z } from 'zod';
import { commonStatusFields } from './conditions.ts';
import { API_GROUP, API_VERSION } from './names.ts';
import type { KubernetesObject, ResourceType } from './object.ts';
import { rateLimitSchema } from './rate-limit.ts';

/**
 * CrispAccount: one Crisp website (workspace) and the credentials to reach it. Whoever may edit an account chooses the
 * website that servers of the namespace work on. The schema is the single source of the type, the CRD and the docs.
 */
export const TIERS = ['website', 'plugin', 'user'] as const;
export const tierSchema = z.enum(TIERS);

export const SECRET_NAME_PATTERN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const credentialSchema = z
  .object({
    tier: tierSchema.meta({
      description:
        'Tier of the token: "website" (from the workspace settings), "plugin" (from the Marketplace) or "user" (a session of an operator).',
    }),
    secretRef: z
      .object({
        name: z
          .string()
          .min(1)
          .max(253)
          .regex(SECRET_NAME_PATTERN)
          .meta({ description: 'Name of a Secret in this namespace with the keys "identifier" and "key".' }),
      })
      .meta({ description: 'The Secret that holds the token pair.' }),
  })
  .meta({ description: 'One Crisp token. A call uses the least privileged tier that its route accepts.' });

export const crispAccountSpecSchema = z
  .object({
    websiteId: z
      .string()
      .max(36)
      .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
      .meta({
        description: 'Identifier of the Crisp website (workspace), a lower-case UUID. Immutable.',
        'x-kubernetes-validations': [
          {
            rule: 'self == oldSelf',
            message: 'websiteId is immutable: create another CrispAccount for another website',
          },
        ],
      }),
    credentials: z
      .array(credentialSchema)
      .min(1)
      .max(3)
      .meta({
        description: 'Tokens for this website, at most one a tier.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['tier'],
      }),
    apiUrl: z
      .string()
      .max(253)
      .regex(/^https?:\/\/[^/?#@\s]+$/)
      .optional()
      .meta({
        description:
          'Origin of the Crisp API, without a path. Default: https://api.crisp.chat. Any other must be on the allow-list of the operator and of the gateway.',
      }),
    rateLimit: rateLimitSchema('all servers of the account together').optional(),
  })
  .meta({ description: 'What the account is.' });

const credentialStateSchema = z
  .object({
    tier: tierSchema.meta({ description: 'The tier of the credential.' }),
    state: z.enum(['Accepted', 'Refused', 'Missing', 'Unchecked']).meta({
      description: 'What Crisp said of it: Accepted, Refused; Missing when its Secret is; Unchecked before an answer.',
    }),
    message: z.string().max(512).optional().meta({ description: 'What to do when it is not accepted.' }),
    revision: z.string().max(64).optional().meta({
      description: 'Keyed digest of the credential that was checked; Crisp is asked again only when it changes.',
    }),
  })
  .meta({ description: 'What Crisp says of one credential.' });

export const crispAccountStatusSchema = z
  .object({
    ...commonStatusFields('Ready, Reconciling, Stalled.'),
    credentials: z
      .array(credentialStateSchema)
      .max(3)
      .optional()
      .meta({
        description: 'State of each credential.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['tier'],
      }),
    tiers: z.string().max(32).optional().meta({ description: 'The accepted tiers, for people.' }),
  })
  .meta({ description: 'What the operator observed. Written by the operator alone.' });

export type Tier = z.infer<typeof tierSchema>;
export type CrispAccountSpec = z.infer<typeof crispAccountSpecSchema>;
export type CrispAccountStatus = z.infer<typeof crispAccountStatusSchema>;
export type CredentialState = z.infer<typeof credentialStateSchema>;

export interface CrispAccount extends KubernetesObject {
  spec: CrispAccountSpec;
  status?: CrispAccountStatus;
}

export const crispAccountType: ResourceType<CrispAccount> = {
  group: API_GROUP,
  version: API_VERSION,
  plural: 'crispaccounts',
  kind: 'CrispAccount',
  namespaced: true,
};

/** Reasons of a CrispAccount's conditions and what each means. Closed: docs and dashboards may rely on it. */
export const ACCOUNT_REASONS = {
  CredentialsAccepted: 'Ready: Crisp accepts every credential.',
  SomeCredentialsUnusable: 'Ready: at least one credential works, another does not; the message says which.',
  Checking: 'Crisp is being asked whether it accepts the credentials; its servers answer 503 until it does.',
  SecretNotFound: 'Not ready: a Secret that the account names does not exist. Create it.',
  SecretIncomplete: 'Not ready: a Secret lacks the key "identifier" or "key". Add it.',
  CredentialRefused: 'Not ready: Crisp refuses the credential. Put a valid one into the Secret; it is checked at once.',
  CrispUnreachable: 'Not ready: Crisp gave no answer that settles it. It is asked again by itself.',
  StoreUnavailable: 'Not ready: the route store (Redis) does not answer. It is tried again by itself.',
  ApiUrlNotAllowed: 'Stalled: apiUrl is not on the allow-list of the operator. Correct it, or have it allowed.',
  InvalidSpec: 'Stalled: the spec cannot be used. Only an edit helps.',
} as const;
export type AccountReason = keyof typeof ACCOUNT_REASONS;
