import { type Command, Option } from 'commander';
import { createLogger, type Logger, type LogLevel } from '../../process/logger.ts';
import { port } from '../arguments.ts';

/** Options that every long-running command has: what it logs, and its operational port. */
export interface ProcessOptions {
  logLevel: LogLevel;
  adminHost: string;
  adminPort: number;
}

export function addLogOption(command: Command, byDefault: LogLevel): Command {
  return command.addOption(
    new Option('--log-level <level>', 'what is logged on stderr, one JSON object a line')
      .env('LOG_LEVEL')
      .choices(['debug', 'info', 'warn', 'error', 'silent'])
      .default(byDefault),
  );
}

export function addProcessOptions(command: Command): Command {
  addLogOption(command, 'info');
  return command
    .addOption(
      new Option('--admin-host <address>', 'address of /healthz, /readyz and /metrics')
        .env('ADMIN_HOST')
        .default('0.0.0.0'),
    )
    .addOption(new Option('--admin-port <port>', 'their port').env('ADMIN_PORT').argParser(port).default(9090));
}

export function loggerFor(name: string, options: { logLevel: LogLevel }): Logger {
  return createLogger({ name, level: options.logLevel });
}
