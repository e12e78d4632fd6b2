/** Errors of the route store, each with a stable `code`. None carries a token or a credential. */
export class StaleEpochError extends Error {
  override readonly name = 'StaleEpochError';
  readonly code = 'ROUTES_STALE_EPOCH';
  constructor(epoch: number) {
    super(`A newer leader has taken over the route store; the write with epoch ${epoch} was refused.`);
  }
}

export class RouteConflictError extends Error {
  override readonly name = 'RouteConflictError';
  readonly code = 'ROUTES_TOKEN_CONFLICT';
  constructor(tokenFingerprint: string) {
    super(`The token with fingerprint ${tokenFingerprint} already belongs to another live server.`);
  }
}

export class TamperedRecordError extends Error {
  override readonly name = 'TamperedRecordError';
  readonly code = 'ROUTES_TAMPERED_RECORD';
  constructor(what: string) {
    super(`${what} does not carry a valid signature of this installation's keyring and was refused.`);
  }
}

export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'ROUTES_STORE_UNAVAILABLE';
  constructor(action: string, cause: unknown) {
    super(`The route store cannot be used (${action}): ${reasonOf(cause)}`, { cause: withoutContext(cause) });
  }
}

export class KeyringError extends Error {
  override readonly name = 'KeyringError';
  readonly code = 'ROUTES_KEYRING';
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Errors of a Redis client carry the command with its arguments, a password among them; only the words go on. */
function withoutContext(cause: unknown): Error {
  return new Error(reasonOf(cause));
}
