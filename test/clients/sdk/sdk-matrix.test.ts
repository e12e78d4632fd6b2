import { expect, test } from 'vitest';
import { TOKEN } from '../../../src/gateway/fakes.ts';
import { type Connect, runMatrix, startMatrixServer } from '../matrix.ts';
import { v1OverHttp, v1OverSse, v2OverHttp } from '../sdk-clients.ts';

/** The official SDKs in every mode that they have. */
const rows: readonly (readonly [string, Connect])[] = [
  ['SDK v1', v1OverHttp],
  ['SDK v1, with a slash after the URL', (url) => v1OverHttp(`${url}/`)],
  ['SDK v1 over HTTP+SSE on the same URL', v1OverSse],
  ['SDK v1 over HTTP+SSE on /sse', (url) => v1OverSse(`${url}/sse`)],
  ['SDK v2, legacy', v2OverHttp('legacy')],
  ['SDK v2, auto', v2OverHttp('auto')],
  ['SDK v2, pinned to 2026-07-28', v2OverHttp({ pin: '2026-07-28' })],
];

test.each(rows)('%s', async (_name, connect) => {
  await using fixture = await startMatrixServer();
  await runMatrix(fixture, connect);
  expect(fixture.logText()).not.toContain(TOKEN);
});
