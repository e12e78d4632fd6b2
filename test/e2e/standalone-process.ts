import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { outputFolder, PROJECT_ROOT } from '../harness/run-folder.ts';

/**
 * `crisp-mcp standalone --output json` as a separate process. What it prints for scripts is kept in memory, since it
 * shows URLs by design; what it logs goes to the folder that the leak search reads.
 */
const eventSchema = z.strictObject({
  event: z.literal('server'),
  namespace: z.string(),
  name: z.string(),
  state: z.enum(['provisioning', 'ready', 'not-ready', 'suspended', 'expired', 'deleted']),
  url: z.url().nullable(),
  expiresAt: z.iso.datetime().nullable(),
});
export type ServerEvent = z.infer<typeof eventSchema>;

export interface StandaloneProcess {
  readonly events: readonly ServerEvent[];
  /** Everything on stdout and stderr so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The last event of a server, once it is as `wanted` says. */
  reaches(name: string, wanted: Partial<ServerEvent>): Promise<ServerEvent>;
  /** Closes the reading end of its stdout. */
  closeOutput(): void;
  /** Sends the signal and resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

let count = 0;
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startStandaloneProcess(argv: readonly string[], env: NodeJS.ProcessEnv = {}): StandaloneProcess {
  const child = spawn(process.execPath, [join(PROJECT_ROOT, 'src/main.ts'), 'standalone', ...argv], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const log = createWriteStream(join(outputFolder(), `standalone-${process.pid}-${count++}.log`));
  const seen = { events: [] as ServerEvent[], stdout: '', stderr: '' };
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.stdout += `${line}\n`;
    if (!line.startsWith('{')) return;
    const event = eventSchema.parse(JSON.parse(line));
    const token = event.url?.split('/').at(-1);
    if (token !== undefined) issueSecret(token, `token of standalone server ${event.name}`);
    seen.events.push(event);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    seen.stderr += chunk.toString('utf8');
    log.write(chunk);
  });
  const exited = exitOf(child);
  return {
    get events() {
      return seen.events;
    },
    get stdout() {
      return seen.stdout;
    },
    get stderr() {
      return seen.stderr;
    },
    exited,
    reaches: (name, wanted) =>
      eventually(
        () => {
          const last = seen.events.findLast((event) => event.name === name);
          const fits =
            last &&
            Object.entries(wanted).every(([field, value]) =>
              Object.entries(last).some(([f, v]) => f === field && v === value),
            );
          if (!last || !fits)
            throw new Error(`${name} is ${last?.state ?? 'unheard of'}; stderr: ${seen.stderr.slice(-2_000)}`);
          return last;
        },
        { timeout: 20_000, what: `${name} to reach ${JSON.stringify(wanted)}` },
      ),
    closeOutput: () => child.stdout.destroy(),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
}
