import { execFile } from 'node:child_process';
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { findActionlint } from '../../scripts/binaries/actionlint.ts';
import { SUITES } from '../../scripts/test-run/command-line.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';

/** The workflows of `.github/`: linted, of least rights, pinned, and made of commands that also run on a person's machine. */
const FOLDER = join(PROJECT_ROOT, '.github/workflows');

const Permissions = z.record(z.string(), z.enum(['read', 'write']));
const Step = z.object({ run: z.string().optional(), uses: z.string().optional(), with: z.looseObject({}).optional() });
const Job = z.object({
  permissions: Permissions.optional(),
  'timeout-minutes': z.number(),
  'runs-on': z.string(),
  steps: z.array(Step),
});
const Workflow = z.object({ name: z.string(), permissions: Permissions, jobs: z.record(z.string(), Job) });
const Scripts = z.object({ scripts: z.record(z.string(), z.string()) });

let workflows: { file: string; text: string; workflow: z.infer<typeof Workflow> }[] = [];

beforeAll(async () => {
  const names = (await readdir(FOLDER)).sort();
  workflows = await Promise.all(
    names.map(async (file) => {
      const text = await readFile(join(FOLDER, file), 'utf8');
      return { file, text, workflow: Workflow.parse(parse(text)) };
    }),
  );
});

function steps(): z.infer<typeof Step>[] {
  return workflows.flatMap(({ workflow }) => Object.values(workflow.jobs).flatMap((job) => job.steps));
}

test('there are three: each change, each release, each night', () => {
  expect(workflows.map(({ file }) => file)).toEqual(['ci.yaml', 'release.yaml', 'scheduled.yaml']);
});

test('actionlint finds nothing', async () => {
  const actionlint = await findActionlint();
  const files = workflows.map(({ file }) => join(FOLDER, file));
  // Without shellcheck and pyflakes, which not every machine has: the result must not depend on them.
  const argv = ['-no-color', '-shellcheck=', '-pyflakes=', ...files];
  const outcome = await promisify(execFile)(actionlint, argv, { cwd: PROJECT_ROOT, timeout: 60_000 }).then(
    () => '',
    (error: { stdout?: string; message: string }) => error.stdout || error.message,
  );
  expect(outcome).toBe('');
}, 600_000);

describe('rights', () => {
  test('a workflow may read the code and no more; only the release job gets others', () => {
    for (const { file, workflow } of workflows) {
      expect(workflow.permissions, file).toEqual({ contents: 'read' });
      for (const [name, job] of Object.entries(workflow.jobs)) {
        if (name === 'release') continue;
        expect(job.permissions, `${file} ${name}`).toBeUndefined();
      }
    }
  });

  test('no checkout leaves credentials for later steps', () => {
    const checkouts = steps().filter((step) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });

  test('what other people wrote (titles, branch names) reaches no shell', () => {
    for (const step of steps()) expect(step.run ?? '').not.toContain('${{');
  });

  test('pull requests never run with the rights of the repository', () => {
    for (const { text } of workflows) expect(text).not.toContain('pull_request_target');
  });
});

test('actions are pinned by commit, with the version beside it, one commit an action', () => {
  const pins = new Map<string, Set<string>>();
  for (const { file, text } of workflows) {
    for (const [line, action = '', commit = ''] of text.matchAll(/uses: ([^@\s]+)@(.*)$/gm)) {
      expect(commit, `${file}: ${line}`).toMatch(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      pins.set(action, (pins.get(action) ?? new Set()).add(commit));
    }
  }
  for (const [action, commits] of pins) expect([...commits], action).toHaveLength(1);
});

test('every job ends after a while', () => {
  for (const { workflow } of workflows) {
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(180);
  }
});

describe('every command also runs locally', () => {
  test('it is npm, a script of package.json, or a file of ours that can be run', async () => {
    const { scripts } = Scripts.parse(JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8')));
    for (const { run } of steps()) {
      if (run === undefined) continue;
      expect(run.trim(), 'one command a step').not.toMatch(/\n|&&|;|\|/);
      const [program = '', ...argv] = run.trim().split(/\s+/);
      if (program === 'npm') {
        const [verb = '', script = ''] = argv;
        if (verb === 'ci' || verb === 'audit') continue;
        expect(scripts, run).toHaveProperty([verb === 'run' ? script : verb]);
      } else {
        await access(join(PROJECT_ROOT, program), constants.X_OK);
      }
    }
  });

  test('the suites that are named exist', () => {
    const named = steps().flatMap(({ run }) => /--only (\S+)/.exec(run ?? '')?.[1]?.split(',') ?? []);
    expect(named.length).toBeGreaterThan(0);
    for (const suite of named) expect(SUITES).toContain(suite);
  });

  test('together the jobs for a change run every suite', () => {
    const commands = Object.values(workflows.find(({ file }) => file === 'ci.yaml')?.workflow.jobs ?? {}).flatMap(
      (job) => job.steps.map((step) => step.run ?? ''),
    );
    const run = new Set(commands.flatMap((command) => /--only (\S+)/.exec(command)?.[1]?.split(',') ?? []));
    if (commands.includes('npm run check')) for (const suite of ['check', 'unit']) run.add(suite);
    if (commands.includes('npm run test:e2e')) run.add('pods');
    expect([...run].sort()).toEqual([...SUITES].sort());
  });

  test.each(['check', 'image', 'chart', 'sbom', 'sign', 'publish'])('the step "%s" of a release, dry', async (step) => {
    const script = join(PROJECT_ROOT, 'scripts/release.ts');
    const env = { ...process.env, GITHUB_OUTPUT: '', RELEASE_TAG: '', RELEASE_REGISTRY: '' };
    await promisify(execFile)(process.execPath, [script, step, '--dry-run'], { env, timeout: 60_000 });
  });
});

test('Dependabot watches every place that pins something', async () => {
  const Updates = z.object({
    updates: z.array(
      z.object({
        'package-ecosystem': z.string(),
        directory: z.string().optional(),
        directories: z.array(z.string()).optional(),
      }),
    ),
  });
  const { updates } = Updates.parse(parse(await readFile(join(PROJECT_ROOT, '.github/dependabot.yml'), 'utf8')));
  expect([...new Set(updates.map((update) => update['package-ecosystem']))].sort()).toEqual([
    'docker',
    'github-actions',
    'gomod',
    'npm',
  ]);
});
