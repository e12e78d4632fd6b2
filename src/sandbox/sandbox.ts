import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { OPERATIONS } from '../catalog/operations/index.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { type Random, uuid } from '../process/random.ts';
import type { SandboxCredential, SandboxCredentials } from './access.ts';
import { CONTROL_PREFIX, handleControl } from './control.ts';
import { handleExchange } from './exchange.ts';
import { HANDLERS } from './families/index.ts';
import { Faults } from './faults.ts';
import type { Handlers } from './handler.ts';
import { secretKey } from './identifiers.ts';
import { RequestLog, type RequestRecord } from './request-record.ts';
import { type RouteRecord, RouteTable } from './route-table.ts';
import { seedState } from './seed/seed.ts';
import type { SandboxState } from './state.ts';

/**
 * A stateful stand-in for the Crisp REST API v1, for the demo and for tests: strict about credentials, tiers, routes and
 * bodies, seeded with the believable data of one small company, steerable into faults. It never talks to anybody. State
 * lives in memory and ends with it. The same seed and clock give the same data, whatever the credentials.
 */
export interface SandboxOptions {
  readonly clock: Clock;
  /** For credentials and for the ids of what is created later. */
  readonly random: Random;
  readonly logger: Logger;
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port?: number;
  readonly seed?: number;
  readonly credentials?: SandboxCredentials;
  /** Enables the control path `/_sandbox/…` for whoever sends this. */
  readonly controlSecret?: string;
  /** Default: the catalogue's. */
  readonly operations?: readonly RouteRecord[];
  readonly handlers?: Handlers;
}

export interface Sandbox {
  /** Origin, without `/v1`. */
  readonly url: string;
  readonly port: number;
  readonly websiteId: string;
  readonly credentials: SandboxCredentials;
  readonly state: SandboxState;
  readonly faults: Faults;
  /** The last requests, oldest first. */
  readonly requests: readonly RequestRecord[];
  forgetRequests(): void;
  close(): Promise<void>;
}

const DEFAULT_SEED = 1;

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, random, logger, host = '127.0.0.1', port = 0, controlSecret } = options;
  const state = seedState({ seed: options.seed ?? DEFAULT_SEED, now: clock.now(), random });
  const credentials = options.credentials ?? createSandboxCredentials(random);
  const table = new RouteTable(options.operations ?? OPERATIONS);
  const handlers = options.handlers ?? HANDLERS;
  const faults = new Faults();
  const requests = new RequestLog();
  const websiteId = state.main.website_id;
  const exchange = { state, table, handlers, credentials, faults, requests, clock, logger };

  const serve = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    controlSecret !== undefined && request.url?.startsWith(CONTROL_PREFIX)
      ? handleControl({ secret: controlSecret, websiteId, state, faults, requests, credentials }, request, response)
      : handleExchange(exchange, request, response);

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      logger.debug('a sandbox connection failed', { error });
      response.destroy();
    });
  });
  const bound = await listen(server, host, port);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    websiteId,
    credentials,
    state,
    faults,
    get requests() {
      return requests.all();
    },
    forgetRequests: () => requests.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A fresh credential for each tier. */
export function createSandboxCredentials(random: Random): SandboxCredentials {
  const fresh = (): SandboxCredential => ({ identifier: uuid(random), key: secretKey(random) });
  return { website: fresh(), plugin: fresh(), user: fresh() };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
