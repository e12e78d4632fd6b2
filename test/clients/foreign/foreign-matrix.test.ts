import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished, type TestContext, test } from 'vitest';
import { PROJECT_ROOT } from '../../harness/run-folder.ts';
import { clientsOrSkip } from '../installed.ts';
import { type Connect, runMatrix, startMatrixServer } from '../matrix.ts';
import { type Program, v1OverStdio, v2OverStdio } from '../sdk-clients.ts';
import { type InspectorTarget, inspector } from './inspector.ts';

/** Other people's clients, and our own bridge, as a desktop application starts them: programs that speak MCP on stdio. */
async function pass(connect: Connect): Promise<void> {
  await using fixture = await startMatrixServer();
  await runMatrix(fixture, connect);
}

/** A home of its own: some of them keep state there. */
function scratchHome(): Readonly<Record<string, string>> {
  const home = mkdtempSync(join(tmpdir(), 'crisp-mcp-client-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return { HOME: home, PATH: process.env.PATH ?? '', NO_COLOR: '1' };
}

function nodeProgram(script: string, argv: (url: string) => readonly string[]): (url: string) => Program {
  const env = scratchHome();
  return (url) => ({ command: process.execPath, args: [script, ...argv(url)], env });
}

async function passOverStdio(context: TestContext, script: string, argv: (url: string) => readonly string[]) {
  const modules = await clientsOrSkip(context);
  await pass(v1OverStdio(nodeProgram(join(modules, script), argv)));
}

describe('mcp-remote', () => {
  for (const [mode, extra] of [
    ['HTTP first', []],
    ['HTTP only', ['--transport', 'http-only']],
    ['HTTP+SSE only', ['--transport', 'sse-only']],
    ['choosing the era', ['--protocol', 'auto']],
  ] as const) {
    test(mode, (context) => passOverStdio(context, 'mcp-remote/dist/proxy.js', (url) => [url, ...extra]));
  }
});

describe('supergateway', () => {
  const script = 'supergateway/dist/index.js';
  test('Streamable HTTP', (context) =>
    passOverStdio(context, script, (url) => ['--streamableHttp', url, '--logLevel', 'none']));
  test('HTTP+SSE', (context) => passOverStdio(context, script, (url) => ['--sse', `${url}/sse`, '--logLevel', 'none']));
});

describe('the Inspector', () => {
  const targets: readonly (readonly [string, InspectorTarget])[] = [
    ['legacy', { type: 'streamable-http', protocolEra: 'legacy' }],
    ['auto', { type: 'streamable-http', protocolEra: 'auto' }],
    ['modern', { type: 'streamable-http', protocolEra: 'modern' }],
    ['HTTP+SSE', { type: 'sse', path: '/sse' }],
  ];
  for (const [mode, target] of targets) {
    test(mode, async (context) => pass(inspector(await clientsOrSkip(context), target)));
  }
});

describe('crisp-mcp connect', () => {
  const main = join(PROJECT_ROOT, 'src/main.ts');
  const byArgument = () => nodeProgram(main, (url) => ['connect', url]);
  const byEnvironment = (): ((url: string) => Program) => {
    const env = scratchHome();
    return (url) => ({ command: process.execPath, args: [main, 'connect'], env: { ...env, CRISP_MCP_URL: url } });
  };
  test('for SDK v1, with the URL in the environment', () => pass(v1OverStdio(byEnvironment())));
  test('for SDK v1, with the URL as argument', () => pass(v1OverStdio(byArgument())));
  test('for SDK v2, legacy', () => pass(v2OverStdio(byEnvironment(), 'legacy')));
  test('for SDK v2, auto', () => pass(v2OverStdio(byEnvironment(), 'auto')));
  test('for SDK v2, pinned to 2026-07-28', () => pass(v2OverStdio(byEnvironment(), { pin: '2026-07-28' })));
});
