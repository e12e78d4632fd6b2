import { Pool } from 'undici';

/** Asks one gateway about one token, as often as it takes, to learn when its answer changes. */
export interface GatewayProbe {
  /** Resolves to the monotonic instant at which the answer that fits had come. */
  until(token: string, fits: (answer: Answer) => boolean): Promise<number>;
  toolsList(token: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const PAUSE_MS = 4;
const GIVE_UP_MS = 30_000;
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export function gatewayProbe(origin: string): GatewayProbe {
  const pool = new Pool(origin, { connections: 16 });
  const toolsList = async (token: string) => {
    const { statusCode, body } = await pool.request({ method: 'POST', path: `/mcp/${token}`, headers, body: LIST });
    return { status: statusCode, body: await body.text() };
  };
  return {
    toolsList,
    async until(token, fits) {
      const started = performance.now();
      for (;;) {
        const answer = await toolsList(token);
        const now = performance.now();
        if (fits(answer)) return now;
        if (now - started > GIVE_UP_MS)
          throw new Error(`${origin} still answers ${answer.status} after ${GIVE_UP_MS} ms`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    },
    close: () => pool.close(),
  };
}
