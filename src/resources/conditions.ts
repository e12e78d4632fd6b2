import { z } from 'zod';

/**
 * Conditions as `metav1.Condition`, following kstatus: `Reconciling` and `Stalled` are present only while true, and an
 * object without a `Ready` condition counts as current. All functions are pure; `lastTransitionTime` moves only when a
 * condition's status changes, so computing the same state twice yields the same bytes.
 */
const CONDITION_TYPES = ['Ready', 'Reconciling', 'Stalled', 'Expired', 'Suspended'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

const conditionSchema = z
  .object({
    type: z.string().max(64).meta({ description: 'Ready, Reconciling, Stalled, Expired or Suspended.' }),
    status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether the condition holds.' }),
    reason: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .meta({ description: 'One word for programs: why the condition has this status.' }),
    message: z.string().max(2048).meta({ description: 'One sentence for people: what is so and what to do about it.' }),
    lastTransitionTime: z.iso
      .datetime({ offset: true })
      .meta({ description: 'When the status of this condition last changed.' }),
    observedGeneration: z
      .int()
      .min(-1)
      .optional()
      .meta({ description: 'The metadata.generation this condition was computed from.' }),
  })
  .meta({ description: 'A condition in the shape of metav1.Condition.' });

export type Condition = z.infer<typeof conditionSchema>;

/** The fields that the status of every kind begins with; `types` names its conditions, for people. */
export function commonStatusFields(types: string) {
  return {
    observedGeneration: z
      .int()
      .min(-1)
      .optional()
      .meta({ description: 'The metadata.generation this status describes.' }),
    reason: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Reason of the condition that explains the present state.' }),
    conditions: z
      .array(conditionSchema)
      .max(8)
      .optional()
      .meta({
        description: types,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
  };
}

/** What a decision says of a condition; times and generations are filled in by {@link mergeConditions}. */
export interface ConditionState {
  type: ConditionType;
  status: Condition['status'];
  reason: string;
  message: string;
}

/**
 * The conditions to store: exactly `desired`, in the order of {@link CONDITION_TYPES}, keeping `lastTransitionTime` of
 * those in `previous` whose status is the same. `now` is wall-clock milliseconds; stored at second precision.
 */
export function mergeConditions(
  previous: readonly Condition[],
  desired: readonly ConditionState[],
  context: { now: number; generation: number },
): Condition[] {
  return CONDITION_TYPES.flatMap((type) => {
    const state = desired.find((candidate) => candidate.type === type);
    if (state === undefined) return [];
    const before = previous.find((condition) => condition.type === type);
    return [
      {
        type: state.type,
        status: state.status,
        reason: state.reason,
        message: state.message,
        lastTransitionTime: before?.status === state.status ? before.lastTransitionTime : rfc3339Seconds(context.now),
        observedGeneration: context.generation,
      },
    ];
  });
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: ConditionType,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** RFC 3339 at second precision, as `metav1.Time` is written. */
export function rfc3339Seconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
