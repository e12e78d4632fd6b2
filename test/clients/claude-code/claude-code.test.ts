import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, type TestContext, test } from 'vitest';
import { CLAUDE_CODE_VARIABLE } from '../../../scripts/binaries/claude-code.ts';
import { success, TOKEN, token } from '../../../src/gateway/fakes.ts';
import { startMatrixServer } from '../matrix.ts';
import { startScriptedModel } from './scripted-model.ts';

/**
 * Claude Code itself, as a person uses it: `claude mcp add`, `claude mcp list`, a call. The model behind it is a script. Not
 * part of `npm test`, as the program is 400 MB; docs/development.md says how to run it.
 */
const READS = 'list_crisp_conversations';
const PATIENCE = 60_000;

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'crisp-mcp-claude-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
});

test('adds a URL, finds it connected, and finds a dead one failed', async (context) => {
  const program = programOrSkip(context);
  await using fixture = await startMatrixServer();
  const url = `${fixture.gateway.url}/mcp/${TOKEN}`;
  expect(await claude(program, ['mcp', 'add', '--transport', 'http', 'crisp', url])).toContain(
    'Added HTTP MCP server crisp',
  );
  await claude(program, ['mcp', 'add', '--transport', 'http', 'dead', `${fixture.gateway.url}/mcp/${token(404)}`]);
  const listed = await claude(program, ['mcp', 'list']);
  expect(listed).toMatch(/^crisp: .*✔ Connected/m);
  expect(listed).toMatch(/^dead: .*✘/m);
});

test('offers its model the filtered tools, calls one and hands the result over', async (context) => {
  const program = programOrSkip(context);
  await using fixture = await startMatrixServer();
  fixture.caller.answer = () => success('{"answer":42}');
  const model = await startScriptedModel(`mcp__crisp__${READS}`);
  onTestFinished(() => model.close());
  await claude(program, ['mcp', 'add', '--transport', 'http', 'crisp', `${fixture.gateway.url}/mcp/${TOKEN}`]);
  const argv = ['-p', 'Which conversations are there?', '--allowedTools', `mcp__crisp__${READS}`];
  const answer = await claude(program, argv, { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'none-is-needed' });
  expect(answer).toContain('answer');
  expect(answer).toContain('42');
  expect([...model.offered].filter((name) => name.startsWith('mcp__'))).toEqual([`mcp__crisp__${READS}`]);
  expect(fixture.caller.calls).toHaveLength(1);
});

function programOrSkip(context: TestContext): string {
  const program = process.env[CLAUDE_CODE_VARIABLE];
  if (program === undefined || program === '')
    context.skip(`${CLAUDE_CODE_VARIABLE} does not name Claude Code: docs/development.md`);
  return program ?? '';
}

/** What it prints, in a home of its own and without anything of this one. */
function claude(program: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const quiet = {
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ENABLE_TOOL_SEARCH: 'false',
  };
  const options = { timeout: PATIENCE, cwd: home, env: { PATH: process.env.PATH ?? '', HOME: home, ...quiet, ...env } };
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...argv], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`claude ${argv.join(' ')}: ${error.message}\n${stdout}${stderr}`));
    });
    child.stdin?.end();
  });
}
