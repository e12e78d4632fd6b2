import { mergeConditions } from '../../resources/conditions.ts';
import type { OwnerKind } from './owner-kind.ts';
import type { Outcome, OwnerTypes } from './situation.ts';

/** The status to store: the same outcome on the same object yields the same bytes, whatever the time. */
export function ownerStatus<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  owner: T['owner'],
  outcome: Outcome<T>,
  now: number,
): object {
  const generation = owner.metadata.generation ?? 0;
  const conditions = outcome.conditions.map((state) => ({ ...state, message: state.message.slice(0, 2048) }));
  const { reason, secretName, fingerprint, expiresAt } = outcome;
  return {
    observedGeneration: generation,
    reason,
    conditions: mergeConditions(owner.status?.conditions ?? [], conditions, { now, generation }),
    secretName,
    fingerprint,
    expiresAt,
    ...kind.alsoShows(outcome, owner),
  };
}
