import type { Tool } from '../catalog/tool.ts';
import { tierMissing } from '../crisp/failures.ts';
import type { CallOutcome, CrispCaller } from '../crisp/outcome.ts';
import type { Logger } from '../process/logger.ts';
import type { Admission, Decision } from './admission.ts';
import { type Answer, json, NOTHING } from './answer.ts';
import type { CallLimits } from './call-limits.ts';
import type { CrispQuota } from './crisp-quota.ts';
import {
  INTERNAL,
  NOT_FOUND_ANSWER,
  rateLimited,
  tooManyCalls,
  UNAUTHORIZED_ANSWER,
  unavailable,
} from './http-errors.ts';
import { errorText, type Fields, INVALID_PARAMS, type RequestId } from './json-rpc.ts';
import type { CallReport } from './observed-calls.ts';
import type { Era } from './protocol-era.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RequestTrace } from './request-trace.ts';
import type { CutReason, RunningCalls } from './running-calls.ts';
import type { ResultWriter } from './tool-result.ts';
import type { Toolsets } from './toolset.ts';

/**
 * One `tools/call`: is the tool enabled, is there a slot, what did Crisp say. Guarantees: a tool that the filter does not
 * select is never called, and a call that had to wait is judged once more before it is made; nothing is answered with a
 * result once the token has expired or been revoked; a client that leaves aborts the upstream request; every call ends
 * within the time limit.
 */
export interface ToolCall {
  readonly id: RequestId;
  readonly era: Era;
  readonly params: Fields;
  readonly token: string;
  readonly trace: RequestTrace;
  readonly served: Extract<Decision, { kind: 'serve' }>;
  /** Registers what to do when the client leaves. */
  readonly onGone: (listener: () => void) => void;
}

export interface ToolCallerOptions {
  caller: CrispCaller;
  toolsets: Toolsets;
  limits: CallLimits;
  rates: Pick<RateLimits, 'call'>;
  quota: Pick<CrispQuota, 'explain'>;
  running: RunningCalls;
  admission: Pick<Admission, 'admit'>;
  results: ResultWriter;
  logger: Logger;
  observe: (outcome: CallOutcome) => void;
}

const GONE: Answer = { status: 499, outcome: 'client-gone', content: NOTHING };
/** Suggested delay, in seconds, when all slots and queue places are taken. */
const BUSY_RETRY = 5;

export function createToolCaller(options: ToolCallerOptions): (call: ToolCall, report: CallReport) => Promise<Answer> {
  const { caller, toolsets, limits, rates, quota, running, admission, results, logger } = options;

  return async (call, report) => {
    const { id, era, params, served, token } = call;
    const name = params.name;
    if (typeof name !== 'string') return invalid(id, '"params.name" must be the name of a tool.');
    const { byName, outOfReach } = toolsets.of(served.route, served.account);
    const tool = byName.get(name);
    if (tool === undefined) {
      const beyond = outOfReach.get(name);
      if (beyond === undefined) return invalid(id, notEnabled(name, toolsets.exists(name)));
      const outcome = tierMissing(beyond, served.account.tiers);
      observe(report, outcome);
      return results.failure(id, era, outcome);
    }

    const limited = rates.call(served);
    if (limited !== undefined) return rateLimited(id, limited, 'tool calls');
    const run = running.start(token, served);
    call.onGone(() => run.stop('client-gone'));
    try {
      const taken = limits.take(served.route.record.uid, run.signal);
      const slot = taken instanceof Promise ? await taken : taken;
      if (slot === 'refused') return tooManyCalls(id, BUSY_RETRY);
      if (slot === 'aborted') return afterCut(call, report, tool, await run.cut, false);
      try {
        const present = taken instanceof Promise ? await admission.admit(token, served.apiToken?.token) : served;
        if (run.signal.aborted) return afterCut(call, report, tool, await run.cut, false);
        if (present.kind === 'notFound') return NOT_FOUND_ANSWER;
        if (present.kind === 'unauthorized') return UNAUTHORIZED_ANSWER;
        if (present.kind === 'unavailable') {
          return unavailable(present.cause === 'account' ? 'account' : 'store', present.retryAfterSeconds);
        }
        const changed = present.route !== served.route || present.account !== served.account;
        if (changed && !toolsets.of(present.route, present.account).byName.has(name))
          return invalid(id, notEnabled(name, true));
        const calling = caller.call(
          tool,
          params.arguments ?? {},
          present.account.access,
          run.signal,
          report.traceparent,
        );
        const settled = await run.orCut(calling);
        if (typeof settled === 'string') {
          calling.catch(() => undefined);
          return afterCut(call, report, tool, settled, true);
        }
        if (run.signal.aborted) return afterCut(call, report, tool, await run.cut, true);
        observe(report, settled);
        const judging = admission.admit(token, served.apiToken?.token);
        const still = judging instanceof Promise ? await judging : judging;
        // Without the store nothing is said of a token, not even that it has ended.
        const ended = still.kind === 'unavailable' ? run.ended : undefined;
        if (still.kind === 'notFound' || ended === 'not-found') return NOT_FOUND_ANSWER;
        if (still.kind === 'unauthorized' || ended === 'unauthorized') return UNAUTHORIZED_ANSWER;
        if (settled.kind === 'success') return results.success(id, era, settled);
        const isUpstreamLimit = settled.code === 'rate_limited' && settled.upstreamStatus !== undefined;
        return results.failure(
          id,
          era,
          isUpstreamLimit ? quota.explain(settled, tool, present.account.access) : settled,
        );
      } finally {
        slot();
      }
    } catch (error) {
      logger.error('a tool call failed in the gateway', {
        fingerprint: served.route.fingerprint,
        tool: tool.name,
        error,
      });
      return INTERNAL;
    } finally {
      run.end();
    }
  };

  function observe(report: CallReport, outcome: CallOutcome): void {
    report.outcome = outcome;
    options.observe(outcome);
  }

  function afterCut({ id, era }: ToolCall, report: CallReport, tool: Tool, reason: CutReason, begun: boolean): Answer {
    if (reason === 'client-gone') return GONE;
    if (reason === 'not-found') return NOT_FOUND_ANSWER;
    if (reason === 'unauthorized') return UNAUTHORIZED_ANSWER;
    const why = reason === 'closing' ? 'The gateway is being restarted' : 'Crisp took too long to answer';
    const executed =
      begun && tool.effect === 'write'
        ? 'It is unknown whether the change was made: read the present state before you try again.'
        : 'Nothing was changed; the call may be repeated.';
    const outcome: CallOutcome = { kind: 'failure', code: 'timed_out', message: `${why}. ${executed}` };
    observe(report, outcome);
    return results.failure(id, era, outcome);
  }
}

function invalid(id: RequestId, message: string): Answer {
  return json(errorText(id, INVALID_PARAMS, message), 'rpc-error');
}

function notEnabled(name: string, exists: boolean): string {
  const shown = JSON.stringify(name.slice(0, 64));
  return exists
    ? `The tool ${shown} is not enabled on this server. Use the tools that tools/list names; the server's administrator decides which they are.`
    : `The tool ${shown} is not enabled on this server: there is no tool of that name. Use the tools that tools/list names.`;
}
