import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type SandboxCredentials, sameSecret } from './access.ts';
import { Refusal } from './answer.ts';
import { parseBody } from './body.ts';
import { Fault, type Faults } from './faults.ts';
import { parseJson, readText } from './read-body.ts';
import type { RequestLog } from './request-record.ts';
import type { SandboxState } from './state.ts';

/**
 * Steers and inspects a sandbox that runs in another process. It exists only when the sandbox was started with a control
 * secret, and answers only who sends it in `x-sandbox-secret`. Dumps leave the operators' keys out.
 */
export const CONTROL_PREFIX = '/_sandbox/';

export interface ControlParts {
  readonly secret: string;
  readonly websiteId: string;
  readonly state: SandboxState;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly credentials: SandboxCredentials;
}

type Reader = (parts: ControlParts, request: IncomingMessage) => unknown;

const PluginInstalled = z.strictObject({ installed: z.boolean() });
const LARGEST_CONTROL_BODY = 100_000;

const ROUTES: Readonly<Record<string, Reader>> = {
  'GET info': ({ websiteId, credentials, state }) => ({ websiteId, credentials, ownerSecret: state.ownerSecret }),
  'GET state': ({ state }) => state.dump(),
  'GET written': ({ state }) => state.messagesWritten(),
  'GET notes': ({ state }) => state.notesWritten(),
  'GET deliveries': ({ state }) => state.deliveries,
  'GET requests': ({ requests }) => requests.all(),
  'DELETE requests': ({ requests }) => requests.clear(),
  'GET faults': ({ faults }) => faults.list(),
  'POST faults': async ({ faults }, request) => ({ id: faults.add(parseBody(Fault, await json(request), 'fault')) }),
  'DELETE faults': ({ faults }) => faults.clear(),
  'PUT plugin': async ({ state }, request) => {
    state.main.pluginInstalled = parseBody(PluginInstalled, await json(request)).installed;
  },
};

export async function handleControl(
  parts: ControlParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const given = request.headers['x-sandbox-secret'];
  if (typeof given !== 'string' || !sameSecret(given, parts.secret)) {
    return reply(response, 401, { error: 'send the control secret in x-sandbox-secret' });
  }
  const name = `${request.method} ${(request.url ?? '').slice(CONTROL_PREFIX.length)}`;
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (route === undefined) return reply(response, 404, { error: 'unknown control path', known: Object.keys(ROUTES) });
  try {
    reply(response, 200, (await route(parts, request)) ?? {});
  } catch (error) {
    reply(response, error instanceof Refusal ? error.status : 500, {
      error: error instanceof Error ? error.message : 'failed',
    });
  }
}

const json = async (request: IncomingMessage): Promise<unknown> =>
  parseJson(await readText(request, LARGEST_CONTROL_BODY));

function reply(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
