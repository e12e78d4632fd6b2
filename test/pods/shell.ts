import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/**
 * One shell in which commands follow each other as a person types them: variables and background jobs live on from one to
 * the next. A command that fails ends the shell, and with it what it has started.
 */
export interface Shell {
  /** What the commands print, standard output and error together. Rejects when one of them fails. */
  run(commands: string, timeout?: number): Promise<string>;
  close(): Promise<void>;
}

export function openShell(env: Readonly<Record<string, string>>): Shell {
  const child = spawn('bash', ['--noprofile', '--norc'], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that what runs in the background can be ended too.
    detached: true,
  });
  let printed = '';
  let onPrinted = (): void => {};
  const keep = (chunk: Buffer): void => {
    printed += chunk.toString('utf8');
    onPrinted();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin.on('error', () => {});
  child.stdin.write('exec 2>&1\nset -eo pipefail\n');

  return {
    async run(commands, timeout = 240_000) {
      printed = '';
      const mark = `done-${randomUUID()}`;
      const done = new Promise<'done'>((resolve) => {
        onPrinted = () => printed.includes(`${mark}\n`) && resolve('done');
      });
      child.stdin.write(`${commands}\necho; echo ${mark}\n`);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), timeout);
      });
      const outcome = await Promise.race([done, late, ended.then(() => 'failed' as const)]);
      clearTimeout(timer);
      if (outcome === 'done') return printed.slice(0, printed.indexOf(`\n${mark}\n`));
      const what = outcome === 'late' ? `did not end within ${timeout} ms` : 'failed';
      throw new Error(`These commands ${what}:\n${commands}\nThey printed:\n${printed}`);
    },
    async close() {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGTERM');
        } catch {
          // It has ended, and nothing of its group runs.
        }
      }
      child.stdin.end();
      await ended;
    },
  };
}
