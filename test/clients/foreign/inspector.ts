import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Connect } from '../matrix.ts';

/** The Inspector's command line: a process for each thing asked, which says by its exit code what became of it. */
const TOOL_ERROR = 5;
const PATIENCE = 30_000;

const Listed = z.object({ tools: z.array(z.object({ name: z.string() })) });
const Called = z.object({ content: z.array(z.object({ text: z.string() })), isError: z.boolean().default(false) });

export interface InspectorTarget {
  readonly type: 'streamable-http' | 'sse';
  /** Only of Streamable HTTP. */
  readonly protocolEra?: 'legacy' | 'auto' | 'modern';
  /** What is put behind the URL. */
  readonly path?: string;
}

export function inspector(modules: string, { type, protocolEra, path = '' }: InspectorTarget): Connect {
  return async (url) => {
    const home = await mkdtemp(join(tmpdir(), 'crisp-mcp-inspector-'));
    const config = join(home, 'servers.json');
    const server = { type, url: `${url}${path}`, ...(protocolEra === undefined ? {} : { protocolEra }) };
    await writeFile(config, JSON.stringify({ mcpServers: { gateway: server } }));
    const ask = (method: string, ...args: string[]) => {
      const program = join(modules, '.bin/mcp-inspector');
      const argv = [
        '--cli',
        '--config',
        config,
        '--server',
        'gateway',
        '--method',
        method,
        '--format',
        'json',
        ...args,
      ];
      return run(program, argv, home);
    };
    return {
      listTools: async () => {
        const { code, stdout, stderr } = await ask('tools/list');
        if (code !== 0) throw new Error(stderr);
        return found(Listed, stdout).tools.map(({ name }) => name);
      },
      callTool: async (name) => {
        const { code, stdout, stderr } = await ask('tools/call', '--tool-name', name, '--tool-args-json', '{}');
        // Without a result it may still say that the tool is to blame.
        if (stdout.trim() === '' || (code !== 0 && code !== TOOL_ERROR)) throw new Error(`${stdout}${stderr}`);
        const { content, isError } = found(Called, stdout);
        if (isError !== (code === TOOL_ERROR)) throw new Error(`exit code ${code}, but ${stdout}`);
        return { isError, text: content.map(({ text }) => text).join('\n') };
      },
      close: () => rm(home, { recursive: true, force: true }),
    };
  };
}

/** The result may be wrapped with what the Inspector has to say about it. */
function found<T>(schema: z.ZodType<T>, text: string): T {
  const parsed: unknown = JSON.parse(text);
  const inner: unknown = typeof parsed === 'object' && parsed !== null && 'result' in parsed ? parsed.result : parsed;
  return schema.parse(inner);
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, argv: readonly string[], home: string): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE, env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1' } };
    const child = execFile(process.execPath, [program, ...argv], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? 1, stdout, stderr }),
    );
  });
}
