import type { CallOutcome } from '../../crisp/outcome.ts';
import type { Clock } from '../../process/clock.ts';
import type { Answer } from '../answer.ts';
import { unrecordable } from '../http-errors.ts';
import type { ToolCall } from '../tool-call.ts';
import type { AuditTrail } from './audit-trail.ts';
import { redactedArguments } from './redacted-arguments.ts';

/**
 * Every tool call leaves an audit record, however it ends and whichever way it came: alone, in a batch, on an old
 * client's stream, through a prompt or a resource. A call that cannot be recorded although it must be is not made.
 */
export interface CallReport {
  /** What came of it at Crisp or in the check before; set as soon as it is known, whatever is then answered. */
  outcome: CallOutcome | undefined;
}

export interface AuditedCallsOptions {
  callTool: (call: ToolCall, report: CallReport) => Promise<Answer>;
  /** Absent: nothing is recorded. */
  audit: AuditTrail | undefined;
  clock: Clock;
  isTool: (name: string) => boolean;
  withArguments: boolean;
}

export function createAuditedCalls(options: AuditedCallsOptions): (call: ToolCall) => Promise<Answer> {
  const { callTool, audit, clock, isTool, withArguments } = options;

  return async (call) => {
    if (audit?.begin() === false) return unrecordable(call.id);
    const time = clock.now();
    const started = clock.monotonic();
    const report: CallReport = { outcome: undefined };
    let answer: Answer | undefined;
    try {
      answer = await callTool(call, report);
      return answer;
    } finally {
      if (audit !== undefined) write(audit, call, report, answer, time, started);
    }
  };

  function write(
    audit: AuditTrail,
    call: ToolCall,
    report: CallReport,
    answer: Answer | undefined,
    time: number,
    started: number,
  ): void {
    const { fingerprint, record } = call.served.route;
    const { outcome } = report;
    const { name } = call.params;
    const isKnown = typeof name === 'string' && isTool(name);
    audit.record({
      time,
      fingerprint,
      namespace: record.namespace,
      name: record.name,
      client: call.client,
      tool: isKnown ? name : 'unknown',
      outcome: answer?.outcome ?? 'internal-error',
      result: outcome === undefined ? undefined : outcome.kind === 'success' ? 'success' : outcome.code,
      upstreamStatus: outcome?.upstreamStatus,
      durationMs: clock.monotonic() - started,
      bytes: answer?.content.kind === 'json' ? Buffer.byteLength(answer.content.text) : 0,
      arguments: withArguments && isKnown ? redactedArguments(call.params.arguments ?? {}) : undefined,
      traceId: undefined,
    });
  }
}
