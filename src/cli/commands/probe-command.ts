import { Command, Option } from 'commander';
import { request } from 'undici';
import { type Clock, delay, systemClock } from '../../process/clock.ts';
import { type Random, systemRandom } from '../../process/random.ts';
import { baseUrl, seconds } from '../arguments.ts';
import { UserError } from '../user-error.ts';

/**
 * `crisp-mcp probe URL`: whether a gateway serves, without a token. It asks for a URL that nobody was given: only a gateway
 * whose route store is verified can say that there is no such server. That goes through the Service and Redis, so it
 * proves more than a readiness probe. Used by `helm test`.
 */
const EVERY = 1_000;
const PATIENCE = 5_000;
const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

export function probeCommand(): Command {
  return new Command('probe')
    .argument('<url>', 'where the gateway is, such as http://crisp-mcp-gateway', baseUrl)
    .addOption(new Option('--timeout <seconds>', 'when to give up').argParser(seconds).default(60))
    .action(async (url: string, { timeout }: { timeout: number }) => {
      const tries = { clock: systemClock, random: systemRandom, timeoutMs: timeout * 1_000 };
      await probe(url, tries);
      process.stdout.write(`The gateway at ${url} serves: its route store is verified.\n`);
    });
}

export async function probe(
  url: string,
  { clock, random, timeoutMs }: { clock: Clock; random: Random; timeoutMs: number },
): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    const problem = await ask(`${url}/mcp/${random.bytes(32).toString('base64url')}`);
    if (problem === undefined) return;
    if (clock.monotonic() >= deadline) {
      throw new UserError('PROBE_FAILED', `The gateway at ${url} does not serve: ${problem}`);
    }
    await delay(clock, EVERY);
  }
}

/** What is wrong, in a sentence. */
async function ask(url: string): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: PING,
      headersTimeout: PATIENCE,
      bodyTimeout: PATIENCE,
    });
    const text = await body.text();
    if (statusCode === 404 && text.includes('"jsonrpc"')) return undefined;
    return `it answers ${statusCode} (${text.trim().slice(0, 200)}). Look at its Pods' logs, then at Redis and the operator.`;
  } catch (error) {
    return `it cannot be reached (${error instanceof Error ? error.message : String(error)}).`;
  }
}
