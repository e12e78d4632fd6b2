import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { z } from 'zod';
import { CALL_SMALL, HEADERS } from './workload.ts';

/**
 * A noisy tenant, in a process of its own: so many clients (argument 3) that call without a pause at the origin and the
 * path that it is given (arguments 1 and 2), and come back soon after a refusal. Told to start and to stop; stopping tells
 * how often it was served and refused since.
 */
const [, , origin = '', path = '', clients = '0'] = process.argv;
const PAUSE_AFTER_REFUSAL_MS = 250;
const orderSchema = z.object({ id: z.number(), noise: z.enum(['start', 'stop']) });
const pool = new Pool(origin, { connections: Number(clients) });
const counts = { served: 0, refused: 0 };
let isOn = false;
let ended: Promise<unknown> = Promise.resolve();

async function client(): Promise<void> {
  while (isOn) {
    const { statusCode, body } = await pool.request({ method: 'POST', path, headers: HEADERS, body: CALL_SMALL });
    await body.dump();
    if (statusCode === 200) counts.served += 1;
    else {
      counts.refused += 1;
      await sleep(PAUSE_AFTER_REFUSAL_MS);
    }
  }
}

process.on('message', async (message) => {
  const order = orderSchema.safeParse(message);
  if (!order.success) return;
  if (order.data.noise === 'start') {
    isOn = true;
    ended = Promise.all(Array.from({ length: Number(clients) }, client));
  } else {
    isOn = false;
    await ended;
  }
  process.send?.({ id: order.data.id, answer: { ...counts } });
});
process.send?.({});
process.channel?.ref();
