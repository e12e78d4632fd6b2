import type { EventRecorder } from '../kubernetes/event-recorder.ts';

/** Where the operator tells of changes. Never fails its caller. Notes hold no secret. */
export type EventSink = Pick<EventRecorder, 'record'>;
