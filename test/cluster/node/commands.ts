import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Runs programs of the machine and of the node with the folders and libraries of the unpacked packages in reach. */
export interface Commands {
  readonly environment: NodeJS.ProcessEnv;
  /** Resolves with what it printed; rejects, with its last words, when it fails. */
  run(program: string, argv: readonly string[], options?: { input?: string; timeout?: number }): Promise<string>;
  /** Starts a program that outlives this one. */
  start(argv: readonly string[], logFile: string): number;
}

export function createCommands(folders: readonly string[], extra: Readonly<Record<string, string>> = {}): Commands {
  const environment = { ...process.env, ...extra, PATH: [...folders, process.env.PATH ?? ''].join(':') };
  return {
    environment,
    run(program, argv, options = {}) {
      return new Promise((resolve, reject) => {
        const settings = { env: environment, timeout: options.timeout ?? 60_000, maxBuffer: 64_000_000 };
        const child = execFile(program, argv, settings, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`${program} ${argv.slice(0, 6).join(' ')}: ${`${stderr || stdout}` || error.message}`));
        });
        child.stdin?.on('error', () => {});
        child.stdin?.end(options.input ?? '');
      });
    },
    start(argv, logFile) {
      const [program = '', ...rest] = argv;
      const log = openSync(logFile, 'a');
      const child = spawn(program, rest, { cwd: '/', env: environment, detached: true, stdio: ['ignore', log, log] });
      closeSync(log);
      child.once('error', () => {});
      child.unref();
      if (child.pid === undefined) throw new Error(`${program} cannot be started (${logFile})`);
      return child.pid;
    },
  };
}
