// @ts-check
/**
 * Loaded into every measured process before its program (`--import`): answers the bench's questions about CPU time and
 * memory over the IPC channel, and takes CPU profiles. Plain JavaScript, so that it costs the process next to nothing.
 */
/** @type {import('node:inspector/promises').Session | undefined} */
let session;

process.on('message', async (/** @type {{ id: number, ask?: string }} */ { id, ask }) => {
  if (ask === undefined) return;
  process.send?.({ id, answer: await answer(ask) });
});
process.channel?.unref();

/** @param {string} ask */
async function answer(ask) {
  if (ask === 'start profile') {
    const { Session } = await import('node:inspector/promises');
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    return null;
  }
  if (ask === 'stop profile' && session !== undefined) {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return JSON.stringify(profile);
  }
  if (ask === 'collect garbage') {
    for (let i = 0; i < 3; i++) await globalThis.gc?.();
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMicros: user + system, rss, held: heapUsed + external };
}
