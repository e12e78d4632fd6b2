import type { Clock } from '../process/clock.ts';

/**
 * The result of a call, or {@link CallTimeoutError} once `milliseconds` have passed. The call itself goes on, unheard: it may yet
 * take effect, so only calls that are safe to take effect late (guarded by a resourceVersion, say) belong here.
 */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
  readonly code = 'KUBERNETES_CALL_TIMEOUT';
}

export async function boundedCall<R>(clock: Clock, milliseconds: number, call: () => Promise<R>): Promise<R> {
  return await new Promise<R>((resolve, reject) => {
    const timer = clock.setTimer(milliseconds, () => {
      reject(new CallTimeoutError(`The API gave no answer within ${Math.round(milliseconds)} ms`));
    });
    call().then(resolve, reject).finally(timer.cancel);
  });
}
