import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/**
 * One process of the benchmark, on a core of its own choosing where the system can do that: what is measured on core 0,
 * generator and upstream on core 1. It is asked for CPU time and memory by {@link file://./probe.mjs}; whatever else it
 * says goes into a file. Ended with SIGKILL, since nothing here is worth an orderly end.
 */
export interface BenchProcess {
  usage(options?: { collectGarbage: boolean }): Promise<Usage>;
  startProfile(): Promise<void>;
  /** In the format of `.cpuprofile` files. */
  stopProfile(): Promise<string>;
  /** Sends one message and waits for the one that answers it. */
  ask(message: object): Promise<unknown>;
  /** The first message that the program sends by itself. */
  readonly hello: Promise<unknown>;
  output(): string;
  kill(): void;
}

export interface ProcessPlan {
  readonly program: string;
  readonly args?: readonly string[];
  readonly core: 0 | 1;
  readonly outputFile: string;
  readonly nodeFlags?: readonly string[];
}

const usageSchema = z.object({ cpuMicros: z.number(), rss: z.number(), held: z.number() });
export type Usage = z.infer<typeof usageSchema>;

const messageSchema = z.object({ id: z.number(), answer: z.unknown() });
const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url));
/** Longer than any turn of a bench. */
const PATIENCE_MS = 600_000;

export const pinning = cpus().length > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startProcess(plan: ProcessPlan): BenchProcess {
  const output = openSync(plan.outputFile, 'w');
  const node = [process.execPath, '--import', PROBE, ...(plan.nodeFlags ?? []), plan.program, ...(plan.args ?? [])];
  const [command = '', ...args] = pinning ? ['taskset', '-c', String(plan.core), ...node] : node;
  const child = spawn(command, args, {
    stdio: ['ignore', output, output, 'ipc'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', NODE_ENV: 'production' },
  });
  running.add(child);
  const waiting = new Map<number, (answer: unknown) => void>();
  const hello = Promise.withResolvers<unknown>();
  const ended = Promise.withResolvers<never>();
  hello.promise.catch(() => undefined);
  ended.promise.catch(() => undefined);
  child.on('message', (message) => {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success) return hello.resolve(message);
    waiting.get(parsed.data.id)?.(parsed.data.answer);
    waiting.delete(parsed.data.id);
  });
  child.on('exit', (code, signal) => {
    running.delete(child);
    const error = new Error(`${plan.program} ended (${code ?? signal}): ${output === 0 ? '' : tail(plan.outputFile)}`);
    ended.reject(error);
    hello.reject(error);
  });

  let lastId = 0;
  const ask = (message: object): Promise<unknown> => {
    const id = ++lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${plan.program} does not answer`)), PATIENCE_MS);
      waiting.set(id, (value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
    child.send({ ...message, id });
    return Promise.race([answer, ended.promise]);
  };
  return {
    ask,
    hello: hello.promise,
    usage: async (options) =>
      usageSchema.parse(await ask({ ask: options?.collectGarbage ? 'collect garbage' : 'usage' })),
    startProfile: async () => void (await ask({ ask: 'start profile' })),
    stopProfile: async () => z.string().parse(await ask({ ask: 'stop profile' })),
    output: () => readFileSync(plan.outputFile, 'utf8'),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** The last words; all of them, with a line or two for each of millions of requests, are more than a string holds. */
function tail(file: string): string {
  const { size } = statSync(file);
  const last = Buffer.alloc(Math.min(size, 2_000));
  const opened = openSync(file, 'r');
  readSync(opened, last, 0, last.length, size - last.length);
  closeSync(opened);
  return last.toString('utf8');
}
