import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** Sends requests at moments that are fixed beforehand, whatever becomes of the ones before, as many clients do. */
export interface Planned<Subject> {
  readonly subject: Subject;
  readonly url: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
  /** What the server asks for besides its URL. */
  readonly apiToken?: string;
}

export interface Sent<Subject> {
  readonly subject: Subject;
  /** When it was really sent, or a little earlier; never later. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 0: no answer at all. */
  readonly status: number;
}

const BODY = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export async function openLoop<Subject>(plan: readonly Planned<Subject>[]): Promise<Sent<Subject>[]> {
  const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 2_000 });
  const send = async ({ subject, url, apiToken }: Planned<Subject>): Promise<Sent<Subject>> => {
    const sentAt = Date.now();
    try {
      const answer = await request(url, {
        dispatcher,
        method: 'POST',
        headers: apiToken === undefined ? HEADERS : { ...HEADERS, authorization: `Bearer ${apiToken}` },
        body: BODY,
        headersTimeout: 30_000,
      });
      await answer.body.dump();
      return { subject, sentAt, answeredAt: Date.now(), status: answer.statusCode };
    } catch {
      return { subject, sentAt, answeredAt: Date.now(), status: 0 };
    }
  };
  const running: Promise<Sent<Subject>>[] = [];
  for (const planned of [...plan].sort((a, b) => a.at - b.at)) {
    const ahead = planned.at - Date.now();
    if (ahead > 0) await sleep(ahead);
    running.push(send(planned));
  }
  const sent = await Promise.all(running);
  await dispatcher.close();
  return sent;
}
