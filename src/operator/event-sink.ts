import type { KubernetesObject } from '../resources/object.ts';

/** Where the operator tells of changes. Never fails its caller. Notes hold no secret. */
export interface EventSink {
  record(event: OperatorEvent): void;
}

export interface OperatorEvent {
  readonly regarding: KubernetesObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** What the operator was doing, in CamelCase. */
  readonly action: string;
  readonly note: string;
}
