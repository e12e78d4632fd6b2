import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../test/harness/eventually.ts';

let folder: string;
let outer: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});

afterEach(() => {
  outer?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Running {
  outer: ChildProcess;
  stdout(): string;
  ended: Promise<{ code: number | null; signal: string | null }>;
}

/** Runs `program` through runInPlace in a process of its own. */
function run(program: string, ...argv: string[]): Running {
  const script = join(folder, 'program.mjs');
  writeFileSync(script, program);
  const runner = join(folder, 'runner.mjs');
  const module = new URL('./run.mjs', import.meta.url).href;
  writeFileSync(
    runner,
    `import { runInPlace } from '${module}';
     process.exitCode = await runInPlace(process.execPath, process.argv.slice(2), { cwd: '${folder}' });`,
  );
  const child = spawn(process.execPath, [runner, script, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  outer = child;
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { outer: child, stdout: () => text, ended };
}

const COUNTS_SIGNALS = `
  let count = 0;
  process.on('SIGINT', () => {
    count += 1;
    setTimeout(() => { console.log('interrupts: ' + count); process.exit(5); }, 300);
  });
  process.on('SIGTERM', () => { console.log('told to end'); process.exit(0); });
  console.log('pid ' + process.pid);
  setInterval(() => {}, 1000);
`;

async function pidOf(running: Running): Promise<number> {
  return await eventually(() => {
    const match = /pid (\d+)/.exec(running.stdout());
    if (match?.[1] === undefined) throw new Error('no pid yet');
    return Number(match[1]);
  });
}

describe('a program that is run in place', () => {
  test('gets its arguments, writes to our standard output and decides our exit code', async () => {
    const running = run(`console.log(JSON.stringify(process.argv.slice(2))); process.exit(3);`, '--output', 'json');
    expect(await running.ended).toEqual({ code: 3, signal: null });
    expect(running.stdout()).toBe('["--output","json"]\n');
  });

  test('gets one interrupt, however often npm and the terminal pass it on', async () => {
    const running = run(COUNTS_SIGNALS);
    await pidOf(running);
    running.outer.kill('SIGINT');
    running.outer.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    running.outer.kill('SIGINT');
    expect(await running.ended).toEqual({ code: 5, signal: null });
    expect(running.stdout()).toContain('interrupts: 1');
  });

  test('that a signal kills gives the exit code of shells', async () => {
    const running = run(`process.kill(process.pid, 'SIGKILL');`);
    expect(await running.ended).toEqual({ code: 137, signal: null });
  });

  test('is told to end when its starter is killed', async () => {
    const running = run(COUNTS_SIGNALS);
    const pid = await pidOf(running);
    running.outer.kill('SIGKILL');
    await eventually(() => expect(running.stdout()).toContain('told to end'));
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/));
  });

  test('leaves no process of its group behind', async () => {
    const running = run(`
      import { spawn } from 'node:child_process';
      const child = spawn('sleep', ['60'], { stdio: 'ignore' });
      console.log('pid ' + child.pid);
      child.unref();
    `);
    const pid = await pidOf(running);
    await running.ended;
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/));
  });
});
