import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freePort } from '../harness/ports.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';
import { type StandaloneProcess, startStandaloneProcess } from './standalone-process.ts';

describe('crisp-mcp standalone', () => {
  let data: string;
  let port: number;
  let running: StandaloneProcess[];

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'standalone-'));
    port = await freePort();
    running = [];
  });
  afterEach(async () => {
    for (const one of running) await one.stop('SIGKILL');
    await rm(data, { recursive: true });
  });

  const start = (argv: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
    const one = startStandaloneProcess(['--output', 'json', '--port', String(port), '--data', data, ...argv], env);
    running.push(one);
    return one;
  };
  const manifest = (name: string) => join(data, 'manifests', name);
  const edit = async (name: string, change: (text: string) => string) =>
    writeFile(manifest(name), change(await readFile(manifest(name), 'utf8')));

  test('serves the three examples on the sandbox from the first start on', async () => {
    const standalone = start();
    const { url, expiresAt } = await standalone.reaches('support-assistant', { state: 'ready' });
    await standalone.reaches('docs-cleanup', { state: 'ready' });
    await standalone.reaches('auditor', { state: 'ready', expiresAt: null });
    expect(Date.parse(expiresAt ?? '') - Date.now()).toBeGreaterThan(7.9 * 3_600_000);

    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url ?? '')));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('list_all_crisp_conversations');
    const result = await client.callTool({ name: 'list_all_crisp_conversations', arguments: { filter_unread: true } });
    expect(JSON.stringify(result.content)).toContain('session_');
    await client.close();
  });

  test('keeps its URLs over a restart and leaves nothing else behind', async () => {
    const first = start();
    const before = await first.reaches('auditor', { state: 'ready' });
    expect(await first.stop('SIGINT')).toBe(0);
    await expect(request(before.url ?? '')).rejects.toThrow(/ECONNREFUSED/);
    const second = start();
    expect((await second.reaches('auditor', { state: 'ready' })).url).toBe(before.url);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect((await readdir(data)).sort()).toEqual(['manifests', 'state.json']);
  });

  test('follows an edited manifest and keeps the last good one when an edit breaks it', async () => {
    const standalone = start();
    const { url } = await standalone.reaches('auditor', { state: 'ready' });
    await edit('auditor.yaml', (text) => `${text}  suspend: true\n`);
    await standalone.reaches('auditor', { state: 'suspended', url: null });
    expect((await request(url ?? '', { method: 'POST' })).statusCode).toBe(404);

    await edit('auditor.yaml', (text) => text.replace('suspend: true', 'suspend: maybe'));
    await eventually(() => expect(standalone.stderr).toMatch(/auditor\.yaml:\d+: spec\.suspend: /));
    expect(standalone.events.findLast(({ name }) => name === 'auditor')?.state).toBe('suspended');

    await edit('auditor.yaml', (text) => text.replace('suspend: maybe', 'suspend: false'));
    expect((await standalone.reaches('auditor', { state: 'ready' })).url).toBe(url);
  });

  test('lets an expired server die, leaves its file alone, and takes it for a tombstone at the next start', async () => {
    const standalone = start();
    const { url } = await standalone.reaches('docs-cleanup', { state: 'ready' });
    const soon = new Date(Date.now() + 1_500).toISOString();
    await edit('docs-cleanup.yaml', (text) => text.replace(/expiresAt: .*/, `expiresAt: ${soon}`));
    await standalone.reaches('docs-cleanup', { state: 'expired', url: null });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon));
    expect((await request(url ?? '', { method: 'POST' })).statusCode).toBe(404);
    const file = await readFile(manifest('docs-cleanup.yaml'), 'utf8');
    expect(file).toContain(soon);
    await standalone.stop();

    const again = start();
    await again.reaches('auditor', { state: 'ready' });
    await again.reaches('docs-cleanup', { state: 'expired', url: null });
    expect(await readFile(manifest('docs-cleanup.yaml'), 'utf8')).toBe(file);

    await edit('docs-cleanup.yaml', (text) => text.replace(soon, new Date(Date.now() + 3_600_000).toISOString()));
    const extended = await again.reaches('docs-cleanup', { state: 'ready' });
    expect(extended.url).not.toBe(url);
  });

  test('deletes a server whose manifest is removed, and gives it a new URL when it comes back', async () => {
    const standalone = start();
    const { url } = await standalone.reaches('auditor', { state: 'ready' });
    const text = await readFile(manifest('auditor.yaml'), 'utf8');
    await rm(manifest('auditor.yaml'));
    await standalone.reaches('auditor', { state: 'deleted', url: null });
    expect((await request(url ?? '', { method: 'POST' })).statusCode).toBe(404);
    await writeFile(manifest('auditor.yaml'), text);
    expect((await standalone.reaches('auditor', { state: 'ready' })).url).not.toBe(url);
  });

  test('hands out an API token in a file, and the bridge gets through with it, until its manifest is removed', async () => {
    const standalone = start();
    await standalone.reaches('auditor', { state: 'ready' });
    await cp(join(PROJECT_ROOT, 'docs/examples/second-factor.yaml'), manifest('second-factor.yaml'));
    const { url } = await standalone.reaches('vault', { state: 'ready' });
    const file = join(data, 'api-tokens', 'default', 'night-shift');
    await eventually(() => expect(standalone.stderr).toContain(`API token default/night-shift is in ${file}`));
    const apiToken = (await readFile(file, 'utf8')).trim();
    issueSecret(apiToken, 'the API token night-shift');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await request(url ?? '', { method: 'POST' })).statusCode).toBe(401);

    const connect = async (env: Record<string, string>) => {
      const client = new Client({ name: 'bridge-user', version: '1' });
      const args = [join(PROJECT_ROOT, 'src/main.ts'), 'connect'];
      const bridge = { PATH: process.env.PATH ?? '', CRISP_MCP_URL: url ?? '', ...env };
      await client.connect(
        new StdioClientTransport({ command: process.execPath, args, env: bridge, stderr: 'ignore' }),
      );
      return client;
    };
    await expect(connect({})).rejects.toThrow(/API token/);
    const client = await connect({ CRISP_MCP_API_TOKEN: apiToken });
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('list_all_crisp_conversations');

    await edit('second-factor.yaml', (text) => text.slice(0, text.indexOf('---')));
    await eventually(() => expect(standalone.stderr).toContain('night-shift is dead'), { timeout: 20_000 });
    await expect(stat(file)).rejects.toThrow(/ENOENT/);
    await expect(client.listTools()).rejects.toThrow(/API token/);
    await client.close();
    expect(standalone.stdout + standalone.stderr).not.toContain(apiToken);
  });

  test('keeps an API token over a restart', async () => {
    const first = start();
    await first.reaches('auditor', { state: 'ready' });
    await cp(join(PROJECT_ROOT, 'docs/examples/second-factor.yaml'), manifest('second-factor.yaml'));
    const file = join(data, 'api-tokens', 'default', 'night-shift');
    await eventually(() => expect(first.stderr).toContain(file), { timeout: 20_000 });
    const before = await readFile(file, 'utf8');
    issueSecret(before.trim(), 'the API token night-shift');
    expect(await first.stop()).toBe(0);
    const second = start();
    await eventually(() => expect(second.stderr).toContain(file), { timeout: 20_000 });
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  test('says what to do when its port is in use', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    const standalone = start();
    expect(await standalone.exited).toBe(1);
    expect(standalone.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*--port`));
    expect(standalone.stderr).not.toContain('    at ');
    await new Promise((resolve) => squatter.close(resolve));
  });

  test('refuses to start without a sandbox and without credentials', async () => {
    const standalone = start(['--no-sandbox']);
    expect(await standalone.exited).toBe(1);
    expect(standalone.stderr).toMatch(/CRISP_WEBSITE_ID, CRISP_IDENTIFIER, CRISP_KEY/);
    expect(standalone.stdout).toBe('');
  });

  test('works on the website that the environment names, without a sandbox, and says when Crisp refuses', async () => {
    const standalone = start(['--no-sandbox'], {
      CRISP_WEBSITE_ID: '8c842203-7ed8-4e29-a608-7cf78a7d2fcc',
      CRISP_IDENTIFIER: 'an-identifier',
      CRISP_KEY: 'a-key-that-nobody-knows',
      CRISP_API_URL: `http://127.0.0.1:${await freePort()}`,
    });
    await standalone.reaches('auditor', { state: 'not-ready', url: null });
    expect(standalone.stderr).not.toContain('a-key-that-nobody-knows');
    expect(await standalone.stop()).toBe(0);
  });

  test('ends in order when nobody reads its output any more', async () => {
    const standalone = start();
    await standalone.reaches('auditor', { state: 'ready' });
    standalone.closeOutput();
    await edit('auditor.yaml', (text) => `${text}  suspend: true\n`);
    expect(await standalone.exited).toBe(0);
    expect(standalone.stderr).not.toContain('EPIPE');
  });

  test('prints for people the URLs, how to connect Claude, the folder and the expiries', async () => {
    const people = startStandaloneProcess(['--port', String(port), '--data', data]);
    running.push(people);
    await eventually(() => expect(people.stdout).toContain('Manifests'), { timeout: 20_000 });
    const urls = people.stdout.match(new RegExp(`http://127\\.0\\.0\\.1:${port}/mcp/[\\w-]{43}`, 'g')) ?? [];
    expect(new Set(urls).size).toBe(3);
    expect(people.stdout).toMatch(/claude mcp add --transport http auditor http/);
    expect(people.stdout).toContain('"mcpServers"');
    expect(people.stdout).toMatch(/in 8 h/);
    expect(people.stdout).toMatch(/in 10 min/);
    expect(people.stdout).toMatch(/never expires/);
    expect(people.stderr).toBe('');
  });
});
