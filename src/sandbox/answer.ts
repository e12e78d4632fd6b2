import { ACTION_REASON, PUT_REASON, type RefusalCode } from './inferred.ts';

/**
 * What a handler answers: a status, a reason code and data, which the server wraps in Crisp's envelope
 * `{ error, reason, data }`. A failure is thrown as a {@link Refusal} so that a handler reads as its success.
 */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly data: unknown;
}

/** One page of a paged list: partial content. */
export const page = (data: readonly unknown[]): Answer => ({ status: 206, reason: 'listed', data });
export const listed = (data: readonly unknown[]): Answer => ({ status: 200, reason: 'listed', data });
export const resolved = (data: unknown): Answer => ({ status: 200, reason: 'resolved', data });
export const added = (data: unknown = {}): Answer => ({ status: 201, reason: 'added', data });
export const updated = (): Answer => ({ status: 200, reason: 'updated', data: {} });
export const saved = (): Answer => ({ status: 200, reason: PUT_REASON, data: {} });
export const acted = (data: unknown = {}): Answer => ({ status: 200, reason: ACTION_REASON, data });
export const deleted = (): Answer => ({ status: 200, reason: 'deleted', data: {} });
export const dispatched = (data: unknown): Answer => ({ status: 202, reason: 'dispatched', data });

export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, message?: string) {
    super(`${code.status} ${code.reason}${message === undefined ? '' : `: ${message}`}`);
    this.name = 'Refusal';
    this.status = code.status;
    this.reason = code.reason;
    this.data = message === undefined ? {} : { message };
  }
}

/** 400 `invalid_data` in the words of Crisp's validator, such as `data should have required property 'type'`. */
export class InvalidData extends Refusal {
  constructor(message: string) {
    super({ status: 400, reason: 'invalid_data' }, message);
    this.name = 'InvalidData';
  }
}
