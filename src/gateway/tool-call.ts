import type { Tool } from '../catalog/tool.ts';
import { tierMissing } from '../crisp/failures.ts';
import type { CallFailure, CallOutcome, CrispAccess, CrispCaller } from '../crisp/outcome.ts';
import type { Logger } from '../process/logger.ts';
import type { Admission, Decision } from './admission.ts';
import { type Answer, json, NOTHING } from './answer.ts';
import type { CallLimits, Release } from './call-limits.ts';
import type { CallObserver, ObservedCall } from './call-observer.ts';
import type { CrispQuota } from './crisp-quota.ts';
import {
  INTERNAL,
  NOT_FOUND_ANSWER,
  rateLimited,
  refusal,
  tooManyCalls,
  UNAUTHORIZED_ANSWER,
  unrecordable,
} from './http-errors.ts';
import { errorText, type Fields, INVALID_PARAMS, type RequestId } from './json-rpc.ts';
import type { Era } from './protocol-era.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RequestTrace } from './request-trace.ts';
import type { CutReason, RunningCall, RunningCalls, Served } from './running-calls.ts';
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
  observer: CallObserver;
  results: ResultWriter;
  logger: Logger;
}

interface Attempt {
  readonly call: ToolCall;
  readonly tool: Tool;
  readonly observed: ObservedCall;
  readonly run: RunningCall;
}

const GONE: Answer = { status: 499, outcome: 'client-gone', content: NOTHING };
/** Suggested delay, in seconds, when all slots and queue places are taken. */
const BUSY_RETRY = 5;

export function createToolCaller(options: ToolCallerOptions): (call: ToolCall) => Answer | Promise<Answer> {
  const { caller, toolsets, limits, rates, quota, running, admission, observer, results, logger } = options;

  return (call) => {
    const observed = observer.begin(call);
    if (observed === undefined) return unrecordable(call.id);
    let tool: Tool | Answer;
    try {
      tool = permitted(call, observed);
    } catch (error) {
      tool = crashed(call, undefined, error);
    }
    return 'status' in tool ? observed.end(tool) : perform(call, tool, observed);
  };

  /** The tool, or why it is not called. */
  function permitted({ id, era, params, served }: ToolCall, observed: ObservedCall): Tool | Answer {
    const { name } = params;
    if (typeof name !== 'string') return invalid(id, '"params.name" must be the name of a tool.');
    const { byName, outOfReach } = toolsets.of(served.route, served.account);
    const tool = byName.get(name);
    if (tool === undefined) {
      const beyond = outOfReach.get(name);
      if (beyond === undefined) return invalid(id, notEnabled(name, toolsets.exists(name)));
      return failed(id, era, observed, tierMissing(beyond, served.account.tiers));
    }
    const limited = rates.call(served);
    return limited === undefined ? tool : rateLimited(id, limited, 'tool calls');
  }

  async function perform(call: ToolCall, tool: Tool, observed: ObservedCall): Promise<Answer> {
    const { token, served } = call;
    let answer: Answer;
    try {
      const run = running.start(token, served);
      const attempt = { call, tool, observed, run };
      let release: Release | undefined;
      try {
        call.onGone(() => run.stop('client-gone'));
        const taken = limits.take(served.route.record.uid, run.signal);
        const slot = taken instanceof Promise ? await taken : taken;
        if (typeof slot !== 'string') release = slot;
        // Whoever calls has been judged just now; only a call that had to wait may have lost its right since.
        const hasWaited = release !== undefined && taken instanceof Promise;
        const judged = hasWaited ? await judge(call, run) : served;
        const present = slot === 'refused' ? tooManyCalls(call.id, BUSY_RETRY) : servedStill(attempt, judged);
        if ('status' in present) answer = present;
        else {
          const { access } = present.account;
          const args = call.params.arguments ?? {};
          const settled = await caller.call(tool, args, access, run.signal, observed.traceparent);
          if (run.reason !== undefined) answer = afterCut(attempt, run.reason, true);
          else {
            observed.settled(settled);
            const judging = judge(call, run);
            const still = judging instanceof Promise ? await judging : judging;
            answer = withheld(run, still) ?? resultOf(call, tool, access, settled);
          }
        }
      } finally {
        release?.();
        run.end();
      }
    } catch (error) {
      answer = crashed(call, tool, error);
    }
    return observed.end(answer);
  }

  /** At once where the store need not be asked; otherwise its answer or the end of the run, whichever is first. */
  function judge({ token, served }: ToolCall, run: RunningCall): Decision | Promise<Decision | CutReason> {
    const judged = admission.admit(token, served.apiToken?.token);
    return judged instanceof Promise ? run.orCut(judged) : judged;
  }

  /** What the call is made with, or why it is not made. */
  function servedStill(attempt: Attempt, judged: Decision | CutReason): Served | Answer {
    const { call, tool, run } = attempt;
    if (run.reason !== undefined) return afterCut(attempt, run.reason, false);
    if (typeof judged === 'string') return afterCut(attempt, judged, false);
    if (judged.kind !== 'serve') return refusal(judged);
    const changed = judged.route !== call.served.route || judged.account !== call.served.account;
    const enabled = !changed || toolsets.of(judged.route, judged.account).byName.has(tool.name);
    return enabled ? judged : invalid(call.id, notEnabled(tool.name, true));
  }

  /** In place of a result that arrived when its token had ended or its client had gone. */
  function withheld(run: RunningCall, still: Decision | CutReason): Answer | undefined {
    const why = typeof still === 'string' ? still : still.kind;
    if (why === 'client-gone') return GONE;
    // Without the store nothing is said of a token, not even that it has ended.
    const byClock = why === 'serve' ? undefined : run.ended;
    if (why === 'notFound' || why === 'not-found' || byClock === 'not-found') return NOT_FOUND_ANSWER;
    if (why === 'unauthorized' || byClock === 'unauthorized') return UNAUTHORIZED_ANSWER;
    return undefined;
  }

  function resultOf({ id, era }: ToolCall, tool: Tool, access: CrispAccess, settled: CallOutcome): Answer {
    if (settled.kind === 'success') return results.success(id, era, settled);
    const isUpstreamLimit = settled.code === 'rate_limited' && settled.upstreamStatus !== undefined;
    return results.failure(id, era, isUpstreamLimit ? quota.explain(settled, tool, access) : settled);
  }

  function failed(id: RequestId, era: Era, observed: ObservedCall, outcome: CallFailure): Answer {
    observed.settled(outcome);
    return results.failure(id, era, outcome);
  }

  function afterCut({ call, tool, observed }: Attempt, reason: CutReason, begun: boolean): Answer {
    if (reason === 'client-gone') return GONE;
    if (reason === 'not-found') return NOT_FOUND_ANSWER;
    if (reason === 'unauthorized') return UNAUTHORIZED_ANSWER;
    const why = reason === 'closing' ? 'The gateway is being restarted' : 'Crisp took too long to answer';
    const executed =
      begun && tool.effect === 'write'
        ? 'It is unknown whether the change was made: read the present state before you try again.'
        : 'Nothing was changed; the call may be repeated.';
    const message = `${why}. ${executed}`;
    return failed(call.id, call.era, observed, { kind: 'failure', code: 'timed_out', message });
  }

  function crashed({ served }: ToolCall, tool: Tool | undefined, error: unknown): Answer {
    const { fingerprint } = served.route;
    logger.error('a tool call failed in the gateway', { fingerprint, tool: tool?.name, error });
    return INTERNAL;
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
