import { describe, expect, test } from 'vitest';
import { seededRandom } from '../process/random.ts';
import { hashToken } from '../routes/token.ts';
import { type Answer, json } from './answer.ts';
import { cachedAccount, cachedRoute, FilterPool } from './cached-records.ts';
import type { EventStream } from './event-stream.ts';
import { accountRecord, routeRecord, TOKEN, uncutRun } from './fakes.ts';
import { LegacySse } from './legacy-sse.ts';
import type { PostedBody } from './mcp-endpoint.ts';
import { newRequestTrace } from './request-trace.ts';
import type { RunningCalls, Served } from './running-calls.ts';

const served: Served = {
  kind: 'serve',
  route: cachedRoute(hashToken(TOKEN), routeRecord(), new FilterPool()),
  account: cachedAccount(accountRecord()),
  apiToken: undefined,
  now: 0,
};

/** A session whose calls answer when told, and the stream it lives on. */
function openSession() {
  const listeners: (() => void)[] = [];
  const events: string[] = [];
  const stream: EventStream = {
    message: (text) => void events.push(text),
    event: (_type, data) => void events.push(data),
    comment: () => undefined,
    raw: () => undefined,
    end: () => undefined,
    onClosed: (listener) => void listeners.push(listener),
    bytes: 0,
  };
  const answers: ((answer: Answer) => void)[] = [];
  const gone: number[] = [];
  const running: Pick<RunningCalls, 'startStream'> = {
    startStream: (_token, its) => uncutRun(its),
  };
  const sse = new LegacySse({
    random: seededRandom(1),
    running,
    subscriptions: { refusal: () => undefined, keepAlive: () => undefined },
    endpoint: (post) => {
      const call = answers.length;
      post.onGone(() => gone.push(call));
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  const { content } = sse.open(TOKEN, served);
  if (content.kind === 'stream') content.start(stream);
  const sessionId = new URLSearchParams(events[0]?.split('?')[1]).get('sessionId') ?? '';
  const post: PostedBody = {
    bytes: Buffer.from('{}'),
    headers: {},
    token: TOKEN,
    served,
    onGone: () => undefined,
    trace: newRequestTrace(undefined, undefined),
    mayStream: true,
  };
  const close = () => {
    for (const listener of listeners) listener();
  };
  return { sse, sessionId, post, answers, gone, events, listeners, close };
}

describe('a session of the transport of 2024', () => {
  test('tells the calls under way, and no others, that its client has gone', async () => {
    const { sse, sessionId, post, answers, gone, events, listeners, close } = openSession();
    const before = listeners.length;
    sse.post(sessionId, post);
    sse.post(sessionId, post);
    answers[0]?.(json('"first"'));
    await expect.poll(() => events).toContain('"first"');
    await Promise.resolve();
    expect(listeners).toHaveLength(before);
    close();
    expect(gone).toEqual([1]);
    expect(sse.sessions).toBe(0);
  });

  test('is closed to another token', () => {
    const { sse, sessionId, post } = openSession();
    expect(sse.post(sessionId, { ...post, token: 'x'.repeat(43) }).status).toBe(404);
    expect(sse.post('guessed', post).status).toBe(404);
  });
});
