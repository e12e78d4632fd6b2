import { Agent as NodeAgent, request as nodeRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent as UndiciAgent, request as undiciRequest } from 'undici';

/**
 * Clients that keep their one connection and use it again and again, with a pause for thought: what a careless restart
 * breaks. A request that fails is counted, never repeated.
 */
export interface Sending {
  readonly method: 'ping' | 'tools/list' | 'tools/call';
  readonly params?: object;
  /** Longest pause between two requests, milliseconds; each is as long as chance has it. */
  readonly pause: number;
}

export interface Outcome {
  readonly sendings: number;
  /** Status or error of each that was not answered 200, and how long it took. */
  readonly failures: readonly string[];
}

type Post = (body: string) => Promise<number>;

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Two clients for each of `sendings`: one on Node's agent, one on undici's. */
export function startKeepAliveClients(url: string, sendings: readonly Sending[]): { stop(): Promise<Outcome> } {
  const nodeAgents = sendings.map(() => new NodeAgent({ keepAlive: true, maxSockets: 1 }));
  const undiciAgents = sendings.map(() => new UndiciAgent({ connections: 1, headersTimeout: 30_000 }));
  const failures: string[] = [];
  let count = 0;
  let going = true;

  const run = async (post: Post, { method, params = {}, pause }: Sending): Promise<void> => {
    while (going) {
      const began = performance.now();
      const failure = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })).then(
        (status) => (status === 200 ? undefined : String(status)),
        (error: unknown) => String(error),
      );
      count += 1;
      if (failure !== undefined)
        failures.push(`${method}: ${failure} after ${Math.round(performance.now() - began)} ms`);
      await sleep(Math.random() * pause);
    }
  };
  const running = [
    ...sendings.map((sending, index) => run(byNode(url, nodeAgents[index]), sending)),
    ...undiciAgents.map((dispatcher, index) =>
      run(byUndici(url, dispatcher), sendings[index] ?? { method: 'ping', pause: 50 }),
    ),
  ];
  return {
    async stop() {
      going = false;
      await Promise.all(running);
      for (const agent of nodeAgents) agent.destroy();
      await Promise.all(undiciAgents.map((agent) => agent.destroy()));
      return { sendings: count, failures };
    },
  };
}

function byNode(url: string, agent: NodeAgent | undefined): Post {
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body) };
      const sent = nodeRequest(
        url,
        { method: 'POST', headers, ...(agent === undefined ? {} : { agent }) },
        (answer) => {
          answer.on('error', reject);
          answer.on('end', () => resolve(answer.statusCode ?? 0));
          answer.resume();
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
}

function byUndici(url: string, dispatcher: UndiciAgent): Post {
  return async (body) => {
    const answer = await undiciRequest(url, { dispatcher, method: 'POST', headers: HEADERS, body });
    await answer.body.dump();
    return answer.statusCode;
  };
}
