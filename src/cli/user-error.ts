/**
 * A mistake or a circumstance that the person who started the program can mend. Printed as one message without a stack;
 * the process exits with 1. The message names the object and the remedy and never holds a secret.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Turns a failed `listen` into a sentence; other errors come back as they are. */
export function listenError(error: unknown, what: string, host: string, port: number, option: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new UserError(
      'PORT_IN_USE',
      `${what} cannot listen on ${host}:${port}: another program does. Stop it, or choose another port with ${option}.`,
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new UserError(
      'ADDRESS_REFUSED',
      `${what} may not listen on ${host}:${port} (${String(code)}): see ${option}.`,
    );
  }
  return error;
}
