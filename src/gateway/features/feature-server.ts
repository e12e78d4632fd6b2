import type { Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Logger } from '../../process/logger.ts';
import { type Answer, json, messageOf, NOTHING } from '../answer.ts';
import { INTERNAL, NOT_FOUND_ANSWER, UNAUTHORIZED_ANSWER } from '../http-errors.ts';
import { errorText, type Fields, INTERNAL_ERROR, type RequestId } from '../json-rpc.ts';
import type { ServerInfo } from '../manifest-cache.ts';
import type { Era } from '../protocol-era.ts';
import type { RequestTrace } from '../request-trace.ts';
import type { CutReason, RunningCall, RunningCalls, Served } from '../running-calls.ts';
import type { ToolCall } from '../tool-call.ts';
import type { Toolset } from '../toolset.ts';
import type { FeatureExchange, Features, Sdk, ToolAnswer } from './features.ts';

/**
 * Answers one request of a feature through the SDK's low-level `Server`: built for the request, forgotten after it. The
 * SDK is loaded when the first such request comes, so a gateway that serves tools alone never pays for it. Era and
 * headers have been checked before. Cut by expiry, revocation, the client's leaving and the time limit, like a tool call.
 */
export interface FeatureRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Fields;
  readonly era: Era;
  readonly headers: Headers;
  readonly token: string;
  readonly trace: RequestTrace;
  readonly served: Served;
  readonly toolset: Toolset;
  readonly ttlMs: number;
  /** Whether the answer may be a stream of events. */
  readonly mayStream: boolean;
  readonly onGone: (listener: () => void) => void;
}

export interface FeatureServerOptions {
  features: Features;
  serverInfo: ServerInfo;
  callTool: (call: ToolCall) => Answer | Promise<Answer>;
  running: Pick<RunningCalls, 'start'>;
  logger: Logger;
  /** Default: the SDK. */
  load?: () => Promise<Sdk>;
}

/** Loads once; a load that failed is tried again by the next request. */
function loadedOnce(load: () => Promise<Sdk>): () => Promise<Sdk> {
  let loading: Promise<Sdk> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/** What the calls of one request share. */
interface Calls {
  whole: Answer | undefined;
  readonly signal: AbortSignal;
}

export function createFeatureServer(options: FeatureServerOptions): (request: FeatureRequest) => Promise<Answer> {
  const { features, serverInfo, callTool, running, logger } = options;

  const sdk = loadedOnce(options.load ?? (() => import('@modelcontextprotocol/server')));

  return async (request) => {
    const run = running.start(request.token, request.served);
    request.onGone(() => run.stop('client-gone'));
    let streams = false;
    try {
      const abort = new AbortController();
      run.signal.addEventListener('abort', () => abort.abort());
      const calls: Calls = { whole: undefined, signal: abort.signal };
      const answering = sdk().then((loaded) => respond(loaded, request, run, calls));
      const settled = await run.orCut(answering);
      if (typeof settled === 'string') {
        answering.then((response) => response.body?.cancel()).catch(() => undefined);
        return afterCut(request.id, settled);
      }
      // What concerns the whole URL, such as its expiry meanwhile, is the answer whatever the feature made of it.
      if (calls.whole !== undefined) return calls.whole;
      streams = isEventStream(settled);
      return streams ? streamOf(settled, run) : await textOf(settled);
    } catch (error) {
      const { fingerprint } = request.served.route;
      logger.error('a request failed in the gateway', { fingerprint, method: request.method, error });
      return INTERNAL;
    } finally {
      if (!streams) run.end();
    }
  };

  async function respond(loaded: Sdk, request: FeatureRequest, run: RunningCall, calls: Calls): Promise<Response> {
    const { era, id, method, params, served } = request;
    const build = (): Server => {
      const tools = features.ownTools === undefined ? {} : { tools: {} };
      const server = new loaded.Server(
        { ...serverInfo, title: served.route.record.displayName },
        { capabilities: { ...tools, ...features.capabilities(request.toolset, era) }, ...features.serverOptions },
      );
      features.register(server, exchangeOf(loaded, request, run, calls));
      return server;
    };
    const headers = new Headers(request.headers);
    headers.set('content-type', 'application/json');
    // The gateway is lenient about what a client says it accepts; the SDK is not.
    headers.set('accept', 'application/json, text/event-stream');
    const { signal } = calls;
    const posted = new Request('http://gateway/mcp', { method: 'POST', headers, signal });
    const parsedBody = { jsonrpc: '2.0', id, method, params };
    const onerror = (error: Error) => logger.debug('the MCP library reports', { method, error });
    if (era === 'modern') {
      const responseMode = request.mayStream ? 'auto' : 'json';
      return loaded.createMcpHandler(build, { legacy: 'reject', onerror, responseMode }).fetch(posted, { parsedBody });
    }
    const server = build();
    const transport = new loaded.WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: !request.mayStream || features.ownTools === undefined,
    });
    await server.connect(transport);
    run.signal.addEventListener('abort', () => void server.close().catch(() => undefined));
    return transport.handleRequest(posted, { parsedBody });
  }

  function exchangeOf(loaded: Sdk, request: FeatureRequest, run: RunningCall, calls: Calls): FeatureExchange {
    const { id, toolset, era, ttlMs, token, trace } = request;
    return {
      sdk: loaded,
      toolset,
      era,
      cache: era === 'modern' ? { ttlMs, cacheScope: 'private' } : {},
      signal: calls.signal,
      callTool: async (name, args) => {
        // What comes after has nobody to answer to, and may be by a token that was good only when the request came.
        if (calls.whole !== undefined || calls.signal.aborted) return CUT;
        const answer = await callTool({
          id,
          era: 'legacy',
          params: { name, arguments: args },
          token,
          trace,
          served: run.served,
          onGone: (listener) => run.signal.addEventListener('abort', listener),
        });
        if (answer.status !== 200 && answer.status !== 429) calls.whole = answer;
        return toolAnswer(answer);
      },
    };
  }
}

const ToolReply = z.union([
  z.object({
    result: z.object({
      content: z.array(z.object({ text: z.string() })).min(1),
      isError: z.boolean().default(false),
      structuredContent: z.object({ error: z.object({ type: z.string(), reason: z.string().optional() }) }).optional(),
    }),
  }),
  z.object({ error: z.object({ message: z.string() }) }),
]);

const CUT: ToolAnswer = { kind: 'failed', type: 'cut', reason: undefined, message: 'The request was cut.' };

/** Reads back what `tools/call` would have sent: its data is the last part of the content, a note stands before it. */
function toolAnswer(answer: Answer): ToolAnswer {
  const message = messageOf(answer);
  if (message === undefined) return CUT;
  const reply = ToolReply.parse(JSON.parse(message));
  if ('error' in reply) return { kind: 'failed', type: 'refused', reason: undefined, message: reply.error.message };
  const { content: parts, isError, structuredContent } = reply.result;
  const text = parts.at(-1)?.text ?? '';
  const note = parts.at(-2)?.text;
  if (!isError) return { kind: 'text', text, ...(note === undefined ? {} : { note }) };
  const { type = 'upstream_error', reason } = structuredContent?.error ?? {};
  return { kind: 'failed', type, reason, message: text };
}

function afterCut(id: RequestId, reason: CutReason): Answer {
  if (reason === 'client-gone') return { status: 499, outcome: 'client-gone', content: NOTHING };
  if (reason === 'not-found') return NOT_FOUND_ANSWER;
  if (reason === 'unauthorized') return UNAUTHORIZED_ANSWER;
  const why = reason === 'closing' ? 'The gateway is being restarted.' : 'The request took too long.';
  return json(errorText(id, INTERNAL_ERROR, `${why} Try again.`), 'rpc-error');
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

async function textOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const outcome = response.status >= 400 || text.includes('"error":{"code"') ? 'rpc-error' : 'ok';
  return text === '' ? { status: response.status, outcome, content: NOTHING } : json(text, outcome, response.status);
}

function streamOf(response: Response, run: RunningCall): Answer {
  return {
    status: 200,
    outcome: 'ok',
    content: {
      kind: 'stream',
      start: (stream) => {
        const reader = response.body?.getReader();
        void run.cut.then(() => stream.end());
        stream.onClosed(() => {
          run.end();
          reader?.cancel().catch(() => undefined);
        });
        const pump = async () => {
          for (;;) {
            const piece = await reader?.read();
            if (piece === undefined || piece.done) return;
            stream.raw(piece.value);
          }
        };
        pump()
          .catch(() => undefined)
          .finally(() => stream.end());
      },
    },
  };
}
