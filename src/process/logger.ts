import { pino } from 'pino';

/**
 * Structured logs: one JSON object a line on stderr, so that stdout stays free for output a program reads. Fields are
 * named alike everywhere: `kind`, `namespace`, `name`, `uid`, `fingerprint` (first 12 hex digits of a token's SHA-256),
 * `reason`, `error`. Errors are reduced to class, code and message: nested objects of HTTP libraries may carry
 * credentials in headers or paths and never reach the log.
 */
export type Fields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  child(fields: Fields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLogger(options: {
  level?: LogLevel;
  name: string;
  destination?: { write(line: string): void };
}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { process: options.name },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const destination = options.destination ?? pino.destination({ dest: 2, sync: true });
  return wrap(pino(settings, destination));
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

interface Sink {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Sink;
}

function wrap(sink: Sink): Logger {
  return {
    debug: (message, fields) => sink.debug(describe(fields), message),
    info: (message, fields) => sink.info(describe(fields), message),
    warn: (message, fields) => sink.warn(describe(fields), message),
    error: (message, fields) => sink.error(describe(fields), message),
    child: (fields) => wrap(sink.child(describe(fields))),
  };
}

function describe(fields: Fields | undefined): Record<string, unknown> {
  if (fields === undefined) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describeError(value) : value]),
  );
}

/** Class, stable code and message of an error, without the objects that hang on it. */
export function describeError(error: unknown): { type: string; code?: string; message: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, 500) };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined;
  return {
    type: error.name,
    ...(code === undefined ? {} : { code: String(code) }),
    message: error.message.slice(0, 1000),
  };
}
