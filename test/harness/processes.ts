import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { request } from 'undici';
import { eventually } from './eventually.ts';
import { outputFolder, PROJECT_ROOT, scratchFolder } from './run-folder.ts';

/**
 * Runs the parts of a test as separate processes: output goes to a file of the run's output folder, metrics are saved
 * when a process is stopped, and nothing outlives its test file: {@link killAllProcesses} runs at its end, and should the
 * test process itself be killed, the kernel ends its children (Linux: setpriv --pdeathsig).
 */
export interface ProcessOptions {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** URL that answers 200 once the process is ready; {@link startProcess} waits for it. */
  readyUrl?: string;
  /** Milliseconds; 20 s unless told. */
  readyTimeout?: number;
  /** URL of Prometheus metrics, saved to the output folder when the process is stopped. */
  metricsUrl?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<Exit>;
  readonly isRunning: boolean;
  /** What it has printed so far, standard output and error together. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP: it exists and answers nobody, as on a stalled machine. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<Exit>;
  /** SIGTERM, and SIGKILL after `patience` ms (10 s unless told). Saves metrics first. */
  stop(patience?: number): Promise<Exit>;
}

const running = new Set<RunningProcess>();
const PARENT_DEATH_SIGNAL = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

process.on('exit', () => {
  for (const one of running) one.signal('SIGKILL');
});

/** `crisp-mcp` with the given arguments, from the sources. Compiled once a run: that halves the time to start. */
export function startProcess(
  name: string,
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const env = { NODE_COMPILE_CACHE: join(scratchFolder(), 'compile-cache'), ...options.env };
  return startProgram(name, process.execPath, [join(PROJECT_ROOT, 'src/main.ts'), ...argv], { ...options, env });
}

/** Any program. Resolves when it is ready, or at once without a `readyUrl`; rejects when it ends before. */
export async function startProgram(
  name: string,
  command: string,
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const logFile = await freshLogFile(name);
  const log = openSync(logFile, 'a');
  const child = launch(command, argv, log, options);
  closeSync(log);
  const started = await follow(name, child, logFile, options);
  if (options.readyUrl !== undefined) await waitUntilReady(started, options.readyUrl, options.readyTimeout ?? 20_000);
  return started;
}

export async function killAllProcesses(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop(5_000)));
}

function launch(command: string, argv: readonly string[], log: number, options: ProcessOptions): ChildProcess {
  const env = { ...process.env, ...options.env };
  const [program, args] =
    PARENT_DEATH_SIGNAL === undefined
      ? [command, [...argv]]
      : [PARENT_DEATH_SIGNAL, ['--pdeathsig', 'KILL', command, ...argv]];
  return spawn(program, args, { cwd: options.cwd ?? PROJECT_ROOT, env, stdio: ['ignore', log, log] });
}

async function follow(
  name: string,
  child: ChildProcess,
  logFile: string,
  options: ProcessOptions,
): Promise<RunningProcess> {
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`)));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no process id`);
  const one: RunningProcess = {
    name,
    pid,
    logFile,
    exited,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    output: () => readFileSync(logFile, 'utf8'),
    signal: (signal) => void child.kill(signal),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      return await exited;
    },
    async stop(patience = 10_000) {
      if (!one.isRunning) return await exited;
      child.kill('SIGCONT');
      if (options.metricsUrl !== undefined) await saveMetrics(logFile, options.metricsUrl);
      child.kill('SIGTERM');
      const impatient = setTimeout(() => child.kill('SIGKILL'), patience);
      try {
        return await exited;
      } finally {
        clearTimeout(impatient);
      }
    },
  };
  running.add(one);
  void exited.then(() => running.delete(one));
  return one;
}

async function waitUntilReady(one: RunningProcess, url: string, timeout: number): Promise<void> {
  const attempt = async (): Promise<void> => {
    if (!one.isRunning) return;
    const { statusCode, body } = await request(url, { headersTimeout: 2_000, bodyTimeout: 2_000 });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}: ${text.trim()}`);
  };
  try {
    await eventually(attempt, { timeout, what: `${one.name} being ready` });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const tail = one.output().slice(-3_000);
    await one.kill();
    throw new Error(`${reason}\nIts last words (all of them: ${one.logFile}):\n${tail}`);
  }
  if (!one.isRunning) {
    const { code, signal } = await one.exited;
    throw new Error(
      `${one.name} ended (${signal ?? `code ${code}`}) before it was ready:\n${one.output().slice(-3_000)}`,
    );
  }
}

async function saveMetrics(logFile: string, url: string): Promise<void> {
  try {
    const { body } = await request(url, { headersTimeout: 2_000, bodyTimeout: 2_000 });
    writeFileSync(logFile.replace(/\.log$/, '.metrics.txt'), await body.text());
  } catch {
    // A process that is already failing has none to give; that is for its test to judge.
  }
}

/** A name may be used again, after a restart or in another test file: each gets a file of its own. */
async function freshLogFile(name: string): Promise<string> {
  const stem = join(outputFolder(), 'processes', name);
  mkdirSync(dirname(stem), { recursive: true });
  for (let number = 1; ; number += 1) {
    const path = number === 1 ? `${stem}.log` : `${stem}-${number}.log`;
    try {
      closeSync(openSync(path, 'wx'));
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}
