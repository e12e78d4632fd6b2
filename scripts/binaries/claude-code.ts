import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from '../bootstrap/dependencies.mjs';
import { withLock } from '../bootstrap/lock.mjs';
import { say, withProgress } from '../bootstrap/progress.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { cacheHome, isProgram } from './find.ts';

/**
 * Claude Code for its optional suite: the program that the variable names, else the pinned version, installed into the
 * cache without running any script of it. 400 MB, which is why no other suite asks for it.
 */
export const CLAUDE_CODE_VARIABLE = 'CRISP_MCP_TEST_CLAUDE';
const VERSION = '2.1.331';
const PACKAGE = '@anthropic-ai/claude-code';

export async function findClaudeCode(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = environment[CLAUDE_CODE_VARIABLE];
  if (named) {
    if (await isProgram(named)) return named;
    throw new SetupError(
      `${CLAUDE_CODE_VARIABLE} names ${named}, which is not a program.\nRemedy: correct or unset it.`,
    );
  }
  const folder = join(cacheHome(environment), 'crisp-mcp-operator', 'claude-code', VERSION);
  const program = join(folder, 'node_modules', `${PACKAGE}-${process.platform}-${process.arch}`, 'claude');
  await withLock(`${folder}.lock`, async () => {
    if (!(await isProgram(program))) await install(folder);
  });
  if (await isProgram(program)) return program;
  throw new SetupError(
    `${PACKAGE} has no program for ${process.platform}-${process.arch}.\nRemedy: name one: ${CLAUDE_CODE_VARIABLE}=/path/claude`,
  );
}

async function install(folder: string): Promise<void> {
  const partial = `${folder}.part`;
  await rm(partial, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(
    join(partial, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [PACKAGE]: VERSION } }),
  );
  const argv = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await withProgress('Installing Claude Code (400 MB)', () => npm(partial, argv), { say });
  await rename(partial, folder);
}
