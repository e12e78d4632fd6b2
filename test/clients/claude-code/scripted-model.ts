import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/**
 * The part of Anthropic's Messages API that Claude Code needs, played by a script: it calls the one tool it is told to, and
 * repeats as its answer what the tool said. No key, no account and no network are needed.
 */
export interface ScriptedModel {
  readonly url: string;
  /** Names of the tools that were offered to it. */
  readonly offered: ReadonlySet<string>;
  close(): Promise<void>;
}

const Block = z.looseObject({ type: z.string() });
const Asked = z.object({
  messages: z.array(z.object({ content: z.union([z.string(), z.array(Block)]) })),
  tools: z.array(z.looseObject({ name: z.string().default('') })).default([]),
});

export async function startScriptedModel(tool: string): Promise<ScriptedModel> {
  const offered = new Set<string>();
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST' || !/^\/v1\/messages(\?|$)/.test(request.url ?? '')) {
      response.writeHead(404).end();
      return;
    }
    const asked = Asked.parse(JSON.parse(await textOf(request)));
    for (const { name } of asked.tools) offered.add(name);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      eventsOf(asked, tool)
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join(''),
    );
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    offered,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

type Event = { readonly type: string } & Record<string, unknown>;

function eventsOf(asked: z.infer<typeof Asked>, tool: string): Event[] {
  const blocks = asked.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  const result = blocks.findLast(({ type }) => type === 'tool_result');
  const calls = result === undefined && asked.tools.some(({ name }) => name === tool);
  const [block, delta] = calls
    ? [
        { type: 'tool_use', id: 'toolu_1', name: tool, input: {} },
        { type: 'input_json_delta', partial_json: '{}' },
      ]
    : [
        { type: 'text', text: '' },
        { type: 'text_delta', text: `The tool said: ${JSON.stringify(result?.content ?? 'nothing')}` },
      ];
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'scripted', content: [], usage };
  return [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: calls ? 'tool_use' : 'end_turn', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the scripted model does not listen on a port');
  return address.port;
}
