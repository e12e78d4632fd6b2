/** Why a cleanup ended before everything was gone. Each message says what is left and what to do. */
export class CleanupTimeoutError extends Error {
  override readonly name = 'CleanupTimeoutError';
  readonly code = 'CLEANUP_TIMEOUT';
}

export class CleanupNeedsStoreError extends Error {
  override readonly name = 'CleanupNeedsStoreError';
  readonly code = 'CLEANUP_NEEDS_STORE';
}

export class CleanupForbiddenError extends Error {
  override readonly name = 'CleanupForbiddenError';
  readonly code = 'CLEANUP_FORBIDDEN';
}
