import { expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { clockFile, DataPlane } from './data-plane.ts';
import { listen } from './mcp-streams.ts';
import { becomes, readiness, statusOf } from './outage-probes.ts';

/**
 * Somebody sets the clock of one gateway's machine wrong by two hours while it serves. It says so and is taken out of
 * service; whoever still asks it is served nothing that has expired, by whichever clock.
 */
const TWO_HOURS = 7_200_000;
test.each([
  ['back', -TWO_HOURS],
  ['forward', TWO_HOURS],
])('a gateway whose clock is set two hours %s goes unready and serves nothing past expiry', async (_, step) => {
  const plane = await DataPlane.start({ name: 'clock-step' });
  const clock = clockFile();
  const gateway = await plane.startGateway({ clockFile: clock.path });
  const [lasting, ending] = await plane.issue(2);
  if (lasting === undefined || ending === undefined) throw new Error('two tokens');
  const [url, endingUrl] = [gateway.url + lasting.path, gateway.url + ending.path];
  await Promise.all([becomes(url, 200), becomes(endingUrl, 200)]);
  const stream = await listen(endingUrl);
  const end = Date.now() + 3_000;
  await plane.setEnd(ending, end, gateway);

  clock.set(step);
  gateway.process.signal('SIGUSR2');
  await eventually(async () => expect(await readiness(gateway)).toMatch(/^503 the clock differs/), {
    what: 'the gateway being unready',
  });
  await eventually(() => expect(Date.now()).toBeGreaterThanOrEqual(end), { what: 'the end of the token' });
  for (let request = 0; request < 20; request++) expect(await statusOf(endingUrl)).toBe(404);
  await stream.closed;
  expect(stream.events.map(({ data }) => data)).toContain('this URL has expired or was revoked');
  expect(await statusOf(url), 'of a token that does not expire').toBe(200);

  clock.set(0);
  gateway.process.signal('SIGUSR2');
  await eventually(async () => expect(await readiness(gateway)).toBe('200 ok'));
  expect(await statusOf(endingUrl)).toBe(404);
});
