import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis } from 'ioredis';
import { EPOCH_KEY } from '../store-keys.ts';
import type { Address } from './redis-target.ts';

/**
 * Finds, each time a connection is made, the cluster node that owns the slot of all our keys, and connects to it. So a
 * cluster looks to the rest of the store like one server that may move: when the owner changes, a command is answered
 * MOVED, the connection is dropped, and the next one goes to the new owner. Nodes that were once seen are asked too, so
 * the seeds may go away.
 */
interface NodeAccess {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
}

const PAUSE = 300;
const ANSWER_WITHIN = 1000;
const CLOSE_WITHIN = 200;

export class ClusterOwnerConnector extends AbstractConnector {
  readonly #nodes: Set<string>;
  readonly #access: NodeAccess;

  /** The constructor that ioredis is to be given. Connections to the same cluster share what they learn of its nodes. */
  static for(seeds: readonly Address[], access: NodeAccess): new (options: unknown) => ClusterOwnerConnector {
    const nodes = new Set(seeds.map(({ host, port }) => `${host} ${port}`));
    return class extends ClusterOwnerConnector {
      constructor() {
        super(nodes, access);
      }
    };
  }

  constructor(nodes: Set<string>, access: NodeAccess) {
    super(CLOSE_WITHIN);
    this.#nodes = nodes;
    this.#access = access;
  }

  /** Rejecting would end the client for good, so it looks on until somebody answers or the client is closed. */
  override async connect(report: (type: string, error: Error) => void): Promise<Socket> {
    this.connecting = true;
    while (this.connecting) {
      const owner = await this.#findOwner(report);
      if (owner !== undefined && this.connecting) return this.#open(owner);
      await pause(PAUSE);
    }
    throw new Error('Connection is closed.');
  }

  async #findOwner(report: (type: string, error: Error) => void): Promise<Address | undefined> {
    for (const node of [...this.#nodes]) {
      const [host = '', port = ''] = node.split(' ');
      try {
        const owner = await this.#ask({ host, port: Number(port) });
        if (owner !== undefined) return owner;
      } catch (error) {
        report('error', error instanceof Error ? error : new Error(String(error)));
      }
    }
    return undefined;
  }

  async #ask(node: Address): Promise<Address | undefined> {
    const client = new Redis({
      ...node,
      ...this.#access,
      protocol: 2,
      lazyConnect: true,
      enableReadyCheck: false,
      disableClientInfo: true,
      connectTimeout: ANSWER_WITHIN,
      commandTimeout: ANSWER_WITHIN,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    let connectionError: Error | undefined;
    client.on('error', (error: Error) => {
      connectionError = error;
    });
    try {
      await client.connect();
      const slot = await client.cluster('KEYSLOT', EPOCH_KEY);
      const ranges = parseSlots(await client.cluster('SLOTS'), node.host);
      for (const { master } of ranges) this.#nodes.add(`${master.host} ${master.port}`);
      return ranges.find(({ first, last }) => first <= slot && slot <= last)?.master;
    } catch (error) {
      throw connectionError ?? error;
    } finally {
      client.disconnect();
    }
  }

  #open({ host, port }: Address): Socket {
    const stream =
      this.#access.tls === undefined ? connectTcp({ host, port }) : connectTls({ ...this.#access.tls, host, port });
    stream.once('error', (error) => {
      this.firstError = error;
    });
    this.stream = stream;
    return stream;
  }
}

interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly master: Address;
}

/** Entries are `[first, last, [host, port, …master], …replicas]`; an empty host means the node that was asked. */
function parseSlots(reply: unknown, askedHost: string): SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((entry: unknown) => {
    if (!Array.isArray(entry)) return [];
    const [first, last, master]: unknown[] = entry;
    if (typeof first !== 'number' || typeof last !== 'number' || !Array.isArray(master)) return [];
    const [host, port]: unknown[] = master;
    if (typeof port !== 'number') return [];
    return [{ first, last, master: { host: typeof host === 'string' && host !== '' ? host : askedHost, port } }];
  });
}
