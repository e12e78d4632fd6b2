import type { IncomingHttpHeaders } from 'node:http';
import type { Decision } from './admission.ts';
import { ACCEPTED, type Answer, json, messageOf } from './answer.ts';
import type { FeatureRequest } from './features/feature-server.ts';
import { FEATURE_METHODS } from './features/features.ts';
import { NOT_JSON, rateLimited } from './http-errors.ts';
import { emptyResult, type Introductions } from './introduction.ts';
import {
  errorText,
  INVALID_PARAMS,
  INVALID_REQUEST,
  isFields,
  METHOD_NOT_FOUND,
  type Message,
  parseMessage,
  resultText,
} from './json-rpc.ts';
import { type ManifestCache, manifestTail } from './manifest-cache.ts';
import { CLIENT_INFO_META, type Era, eraOf, negotiate, refuseBatch } from './protocol-era.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RequestTrace } from './request-trace.ts';
import type { Listening } from './subscriptions.ts';
import type { ToolCall } from './tool-call.ts';
import type { Toolsets } from './toolset.ts';
import { traceparentOf } from './tracing/trace-context.ts';

/**
 * MCP over one POST, in both eras and without a session: a body and its headers in, an answer out. Legacy errors of a
 * known message are JSON-RPC errors in a 200; modern ones carry the HTTP status that the 2026-07-28 specification names
 * (404 for an unknown method, 400 for a bad envelope).
 */
export interface PostedBody {
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly token: string;
  readonly served: Extract<Decision, { kind: 'serve' }>;
  readonly onGone: (listener: () => void) => void;
  readonly trace: RequestTrace;
  /** Whether the answer may be a stream; not when it is to travel on one. */
  readonly mayStream: boolean;
}

export interface McpEndpointOptions {
  introductions: Introductions;
  toolsets: Toolsets;
  manifests: ManifestCache;
  callTool: (call: ToolCall) => Answer | Promise<Answer>;
  answerFeature: (request: FeatureRequest) => Promise<Answer>;
  listen: (request: Listening) => Answer;
  rates: Pick<RateLimits, 'other'>;
  /** Tools that a feature answers in place of Crisp. */
  ownTools: ReadonlySet<string> | undefined;
  /** How long a modern client may keep a list, milliseconds. */
  listTtl: number;
}

const MAX_BATCH = 20;
const LISTEN = 'subscriptions/listen';
const KNOWN_METHODS = new Set([
  ...['initialize', 'server/discover', 'ping', 'tools/list', 'tools/call', LISTEN],
  ...FEATURE_METHODS,
]);

export function createMcpEndpoint(options: McpEndpointOptions): (post: PostedBody) => Answer | Promise<Answer> {
  const { introductions, toolsets, manifests, callTool, answerFeature, listen, rates, ownTools, listTtl } = options;

  return (post) => {
    let body: unknown;
    try {
      body = JSON.parse(post.bytes.toString('utf8'));
    } catch {
      post.trace.rpc = 'invalid';
      return NOT_JSON;
    }
    return Array.isArray(body) ? answerBatch(post, body) : answerOne(post, parseMessage(body), false);
  };

  function answerOne(post: PostedBody, message: Message, batched: boolean): Answer | Promise<Answer> {
    const { trace } = post;
    if (message.kind === 'invalid') {
      trace.rpc = 'invalid';
      return badRequest(null, INVALID_REQUEST, `This is not a JSON-RPC message: ${message.problem}.`);
    }
    if (message.kind === 'response') {
      trace.rpc = 'response';
      return ACCEPTED;
    }
    trace.rpc = methodLabel(message);
    const id = message.kind === 'request' ? message.id : null;
    const verdict = eraOf(message, post.headers);
    if (verdict.era === 'refused') return badRequest(id, verdict.code, verdict.message, verdict.data);
    trace.version = verdict.version;
    if (batched && (verdict.era === 'modern' || message.method === 'initialize')) {
      return badRequest(id, INVALID_REQUEST, 'This message cannot be part of a batch: send it alone.');
    }
    if (message.kind === 'notification') return ACCEPTED;
    return answerRequest(post, message, verdict.era, batched);
  }

  function answerRequest(
    post: PostedBody,
    message: Extract<Message, { kind: 'request' }>,
    era: Era,
    batched: boolean,
  ): Answer | Promise<Answer> {
    const { id, method, params } = message;
    const { served, trace } = post;
    if (isFields(params._meta)) {
      if (era === 'modern') trace.client = clientOf(params._meta[CLIENT_INFO_META]);
      trace.traceparent ??= traceparentOf(params._meta.traceparent);
    }
    if (method === 'tools/call') {
      if (typeof params.name === 'string') trace.tool = toolsets.exists(params.name) ? params.name : 'unknown';
      if (ownTools?.has(String(params.name))) return feature(post, message, era, batched);
      const { token, onGone } = post;
      return callTool({ id, era, params, token, served, onGone, trace });
    }
    const limited = rates.other(served);
    if (limited !== undefined) return rateLimited(id, limited, 'requests that call no tool');
    if (method === 'tools/list') {
      if (params.cursor !== undefined && params.cursor !== null) {
        return json(errorText(id, INVALID_PARAMS, 'Unknown cursor: the list of tools has one page.'), 'rpc-error');
      }
      const toolset = toolsets.of(served.route, served.account);
      const manifest = manifests.get(toolset.key, era, toolset.tools);
      return {
        status: 200,
        outcome: 'ok',
        content: { kind: 'manifest', manifest, tail: manifestTail(era, id, ttlOf(served)) },
      };
    }
    if (era === 'modern') {
      if (method === 'server/discover') {
        return result(
          id,
          introductions.discover(served.route, toolsets.of(served.route, served.account), ttlOf(served)),
        );
      }
    } else if (method === 'initialize') {
      const version = negotiate(params.protocolVersion);
      trace.client = clientOf(params.clientInfo);
      trace.version = version;
      return result(id, introductions.initialize(served.route, toolsets.of(served.route, served.account), version));
    } else if (method === 'ping') {
      return result(id, emptyResult(era));
    }
    return answerRare(post, message, era, batched);
  }

  function answerRare(
    post: PostedBody,
    message: Extract<Message, { kind: 'request' }>,
    era: Era,
    batched: boolean,
  ): Answer | Promise<Answer> {
    const { id, method, params } = message;
    const { served, token } = post;
    const offered = introductions.offered(toolsets.of(served.route, served.account));
    if (offered[era].has(method)) return feature(post, message, era, batched);
    if (method === LISTEN && era === 'modern' && post.mayStream) {
      return listen({ id, params, token, served, announced: offered.announced });
    }
    return json(errorText(id, METHOD_NOT_FOUND, unknownMethod(method)), 'rpc-error', era === 'modern' ? 404 : 200);
  }

  function feature(
    post: PostedBody,
    { id, method, params }: Extract<Message, { kind: 'request' }>,
    era: Era,
    batched: boolean,
  ): Promise<Answer> {
    const { served, token, onGone } = post;
    return answerFeature({
      id,
      method,
      params,
      era,
      headers: protocolHeaders(post.headers),
      token,
      served,
      toolset: toolsets.of(served.route, served.account),
      ttlMs: ttlOf(served),
      mayStream: post.mayStream && !batched,
      trace: post.trace,
      onGone,
    });
  }

  async function answerBatch(post: PostedBody, elements: readonly unknown[]): Promise<Answer> {
    post.trace.rpc = 'batch';
    const refused = refuseBatch(post.headers);
    if (refused !== undefined) return badRequest(null, refused.code, refused.message);
    if (elements.length === 0 || elements.length > MAX_BATCH) {
      return badRequest(
        null,
        INVALID_REQUEST,
        `A batch has 1 to ${MAX_BATCH} messages; this one has ${elements.length}.`,
      );
    }
    const answers = await Promise.all(elements.map((element) => answerOne(post, parseMessage(element), true)));
    post.trace.rpc = 'batch';
    // What concerns the whole URL, such as its expiry meanwhile, is the answer to the whole batch.
    const whole = answers.find(({ status }) => status === 404 || status === 401 || status === 499);
    if (whole !== undefined) return whole;
    const texts = answers.map(messageOf).filter((text) => text !== undefined);
    if (texts.length === 0) return ACCEPTED;
    const worst = answers.find(({ outcome }) => outcome !== 'ok');
    return json(`[${texts.join(',')}]`, worst?.outcome ?? 'ok');
  }

  /** Never beyond the life of the token. */
  function ttlOf({ route, now }: PostedBody['served']): number {
    const { exp } = route.record;
    return exp === null ? listTtl : Math.max(0, Math.min(listTtl, Math.floor(exp - now)));
  }
}

function result(id: string | number, text: string): Answer {
  return json(resultText(id, text));
}

function badRequest(id: string | number | null, code: number, message: string, data?: unknown): Answer {
  return json(errorText(id, code, message, data), 'bad-request', 400);
}

function unknownMethod(method: string): string {
  return `The method ${JSON.stringify(method.slice(0, 64))} is not supported by this server.`;
}

function methodLabel(message: Extract<Message, { kind: 'request' | 'notification' }>): string {
  if (message.kind === 'notification') return 'notification';
  return KNOWN_METHODS.has(message.method) ? message.method : 'other';
}

/** Those that the protocol itself reads; no others, so that no credential goes where it is not needed. */
function protocolHeaders(headers: IncomingHttpHeaders): Headers {
  const kept = new Headers();
  for (const name of ['mcp-protocol-version', 'mcp-method', 'mcp-name']) {
    const value = headers[name];
    if (typeof value === 'string') kept.set(name, value);
  }
  return kept;
}

/** Name and version as the client tells them, cut to a length fit for a log line. */
function clientOf(info: unknown): string | undefined {
  if (!isFields(info) || typeof info.name !== 'string') return undefined;
  const version = typeof info.version === 'string' ? `/${info.version.slice(0, 32)}` : '';
  return `${info.name.slice(0, 64)}${version}`;
}
