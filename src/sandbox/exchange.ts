import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tier } from '../catalog/tool.ts';
import { type Clock, delay } from '../process/clock.ts';
import { describeError, type Logger } from '../process/logger.ts';
import { authenticate, authorize, type SandboxCredentials } from './access.ts';
import { type Answer, Refusal } from './answer.ts';
import type { Fault, Faults } from './faults.ts';
import type { Handlers } from './handler.ts';
import { WRONG_VERB } from './inferred.ts';
import { isLegacyHelpdeskWrite, refuseLegacyHelpdeskWrite } from './legacy-helpdesk.ts';
import { readBody } from './read-body.ts';
import { replyOfFault, replyTo, send } from './reply.ts';
import type { RequestLog } from './request-record.ts';
import type { RouteMatch, RouteRecord, RouteTable } from './route-table.ts';
import { intendedOperation } from './shared-routes.ts';
import type { SandboxState } from './state.ts';

/**
 * One request to the sandbox, from the raw path to the answer: faults, authentication, route, website and tier, body,
 * handler. Whatever a handler throws becomes an answer; the process survives it.
 */
export interface ExchangeParts {
  readonly state: SandboxState;
  readonly table: RouteTable;
  readonly handlers: Handlers;
  readonly credentials: SandboxCredentials;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Decoded segments after `/v1/`; `undefined` when the path is outside of it or badly encoded. */
  readonly segments: readonly string[] | undefined;
}

export async function handleExchange(
  parts: ExchangeParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock, faults } = parts;
  const method = request.method ?? 'GET';
  const target = parseTarget(request.url ?? '/');
  const match: RouteMatch =
    target.segments === undefined ? { kind: 'unknown' } : parts.table.match(method, target.segments);
  let operation = match.kind === 'found' ? match.route.id : undefined;
  const tier = headerText(request.headers['x-crisp-tier']);
  const fault = faults.take({ operation, method, path: target.path, tier });
  const record = (status: number) => {
    const query = target.query.toString();
    parts.requests.add({ at: clock.now(), method, path: target.path, query, tier, operation, status });
  };

  if (fault?.kind === 'reset') {
    record(0);
    request.socket.destroy();
    return;
  }
  const away = abortWhenAway(response);
  if (fault?.kind === 'slow') {
    await delay(clock, fault.milliseconds, away);
    if (away.aborted) {
      record(0);
      return;
    }
  }
  const means = (id: string) => {
    operation = id;
  };
  const reply =
    (fault === undefined ? undefined : replyOfFault(fault)) ??
    replyTo(await perform(parts, request, { method, target, match, means }));
  record(reply.status);
  parts.logger.debug('answered', { method, operation, status: reply.status });
  await send(response, method, reply, disturbanceOf(fault, clock, away));
}

interface Asked {
  readonly method: string;
  readonly target: Target;
  readonly match: RouteMatch;
  /** Hears which operation it is once the body has been read. */
  readonly means: (operation: string) => void;
}

async function perform(
  parts: ExchangeParts,
  request: IncomingMessage,
  { method, target, match, means }: Asked,
): Promise<Answer | Refusal> {
  try {
    const tier = authenticate(request.headers, parts.credentials);
    if (match.kind === 'found') {
      const body = await readBody(request);
      const id = intendedOperation(match.route.id, body);
      means(id);
      return run(parts, { ...match.route, id }, match.params, { query: target.query, body, tier });
    }
    if (target.segments !== undefined && isLegacyHelpdeskWrite(method, target.segments)) refuseLegacyHelpdeskWrite();
    if (match.kind === 'wrong_verb') throw new Refusal(WRONG_VERB, `allowed: ${match.allowed.join(', ')}`);
    throw new Refusal({ status: 404, reason: 'not_found' }, 'the route does not exist');
  } catch (error) {
    if (error instanceof Refusal) return error;
    parts.logger.error('a sandbox handler failed', { error });
    return new Refusal({ status: 500, reason: 'sandbox_defect' }, describeError(error).message);
  } finally {
    request.resume();
  }
}

function run(
  parts: ExchangeParts,
  route: RouteRecord,
  params: ReadonlyMap<string, string>,
  sent: { query: URLSearchParams; body: unknown; tier: Tier },
): Answer {
  const { state, handlers, clock } = parts;
  const now = clock.now();
  const website = authorize({ state, route, tier: sent.tier, websiteId: params.get('website_id'), now });
  const handler = Object.hasOwn(handlers, route.id) ? handlers[route.id] : undefined;
  if (handler === undefined) {
    throw new Refusal({ status: 501, reason: 'sandbox_has_no_handler' }, `write one for ${route.id}`);
  }
  return handler({ state, website, params, now, ...sent });
}

function parseTarget(url: string): Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const segments = path.split('/').slice(1);
  if (segments[0] !== 'v1') return { path, query, segments: undefined };
  try {
    return { path, query, segments: segments.slice(1).map(decodeURIComponent) };
  } catch {
    return { path, query, segments: undefined };
  }
}

function disturbanceOf(fault: Fault | undefined, clock: Clock, signal: AbortSignal) {
  return fault === undefined ? undefined : { fault, clock, signal };
}

function abortWhenAway(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
