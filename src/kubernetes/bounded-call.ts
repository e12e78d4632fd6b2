import type { Clock } from '../process/clock.ts';

/** A call gave no answer in time. It may yet take effect. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
  readonly code = 'KUBERNETES_CALL_TIMEOUT';
}

/**
 * The result of a call, or a {@link CallTimeoutError} once `milliseconds` have passed. The call itself goes on, unheard:
 * only calls that may safely take effect late (guarded by a resourceVersion, say) belong here.
 */
export async function boundedCall<R>(clock: Clock, milliseconds: number, call: () => Promise<R>): Promise<R> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimer(milliseconds, () => {
    reject(new CallTimeoutError(`The API gave no answer within ${Math.round(milliseconds)} ms`));
  });
  try {
    return await Promise.race([call(), timeout]);
  } finally {
    timer.cancel();
  }
}
