import type { Outcome } from '../answer.ts';
import { isoTime } from '../iso-time.ts';
import { quotedWithoutSecrets } from '../secret-like.ts';

/**
 * What the audit keeps of one tool call: who called what, what came of it. One JSON object a line; `"log":"audit"` tells
 * it from the process's other lines where all go to one place. Names the server and the token's fingerprint, never the
 * token; arguments only where configured, and then redacted beforehand. `id` counts within a process from 1 without a
 * gap, so a reader sees that a record is missing, and recognises one that was delivered twice.
 */
export interface AuditRecord {
  /** When the call arrived; wall clock, milliseconds. */
  readonly time: number;
  readonly fingerprint: string;
  readonly namespace: string;
  readonly name: string;
  /** `name/version` as the client tells it of itself. */
  readonly client: string | undefined;
  /** From the closed set of tools, or `unknown`. */
  readonly tool: string;
  readonly outcome: Outcome;
  /** What Crisp, or the check before it, made of the call; absent when it did not come to that. */
  readonly result: string | undefined;
  /** Whether the result was cut: it was too long. */
  readonly truncated: boolean;
  readonly upstreamStatus: number | undefined;
  readonly durationMs: number;
  /** Of the answer's body. */
  readonly bytes: number;
  /** JSON, redacted. */
  readonly arguments: string | undefined;
  readonly traceId: string | undefined;
}

export function auditLine(id: string, record: AuditRecord): string {
  const { result, truncated, upstreamStatus, traceId } = record;
  return (
    `{"level":"info","time":"${isoTime(record.time)}","process":"gateway","log":"audit","id":"${id}"` +
    `,"fingerprint":"${record.fingerprint}","namespace":"${record.namespace}","name":"${record.name}"` +
    `${clientFields(record.client)},"tool":"${record.tool}","outcome":"${record.outcome}"` +
    (result === undefined ? '' : `,"result":"${result}"`) +
    (truncated ? ',"truncated":true' : '') +
    (upstreamStatus === undefined ? '' : `,"upstreamStatus":${upstreamStatus}`) +
    `,"durationMs":${Math.round(record.durationMs * 100) / 100},"bytes":${record.bytes}` +
    (traceId === undefined ? '' : `,"traceId":"${traceId}"`) +
    (record.arguments === undefined ? '' : `,"arguments":${record.arguments}`) +
    ',"message":"tool call"}'
  );
}

function clientFields(client: string | undefined): string {
  if (client === undefined) return '';
  const slash = client.lastIndexOf('/');
  const name = slash > 0 ? client.slice(0, slash) : client;
  const version = slash > 0 ? `,"clientVersion":${quotedWithoutSecrets(client.slice(slash + 1))}` : '';
  return `,"clientName":${quotedWithoutSecrets(name)}${version}`;
}
