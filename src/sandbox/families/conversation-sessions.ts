import { z } from 'zod';
import { acted, deleted, listed, Refusal, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { BROWSING_NOT_FOUND, BROWSING_STOP, CALL_NOT_FOUND, CALL_ONGOING, VISITOR_OFFLINE } from '../inferred.ts';
import type { Conversation } from '../website.ts';
import { findConversation } from './conversations.ts';

/** Co-browsing and calls: live, so only with a visitor who is on the website now. */
export const conversationSessions: Handlers = {
  'website.listBrowsingSessionsForConversation': (call) => listed(findConversation(call).browsing),

  'website.initiateBrowsingSessionForConversation': (call) => {
    const conversation = findConversation(call);
    const { useragent } = presentVisitor(call, conversation);
    const session = {
      browsing_id: `browsing_${call.state.newId()}`,
      browsing_token: call.state.newSecret(),
      useragent,
    };
    conversation.browsing = [...conversation.browsing, session].slice(-MOST_SESSIONS);
    return acted();
  },

  'website.sendActionToExistingBrowsingSession': (call) => {
    const conversation = findConversation(call);
    const { browsing_id } = findBrowsing(call, conversation);
    const { action } = parseBody(BrowsingAction, call.body);
    if (action === BROWSING_STOP) {
      conversation.browsing = conversation.browsing.filter((session) => session.browsing_id !== browsing_id);
    }
    return updated();
  },

  'website.assistExistingBrowsingSession': (call) => {
    findBrowsing(call, findConversation(call));
    parseBody(Assist, call.body);
    return updated();
  },

  'website.initiateNewCallSessionForConversation': (call) => {
    const conversation = findConversation(call);
    const { mode } = parseBody(NewCall, call.body);
    presentVisitor(call, conversation);
    if (conversation.call !== undefined) throw new Refusal(CALL_ONGOING);
    const call_id = `call_${call.state.newId()}`;
    conversation.call = { call_id, mode };
    return acted({ call_id });
  },

  'website.getOngoingCallSessionForConversation': (call) => {
    const { call: ongoing } = findConversation(call);
    if (ongoing === undefined) throw new Refusal(CALL_NOT_FOUND);
    return resolved({ call_id: ongoing.call_id });
  },

  'website.abortOngoingCallSessionForConversation': (call) => {
    const conversation = findConversation(call);
    requireOngoing(call, conversation);
    conversation.call = undefined;
    return deleted();
  },

  'website.transmitSignalingOnOngoingCallSession': (call) => {
    requireOngoing(call, findConversation(call));
    parseBody(Signaling, call.body);
    return updated();
  },
};

const MOST_SESSIONS = 20;

const BrowsingAction = z.object({ action: z.string().min(1) });
const Point = z.object({ x: z.int().optional(), y: z.int().optional() }).optional();
const Assist = z.object({ action: z.enum(['mouse', 'click', 'scroll']), mouse: Point, click: Point, scroll: Point });
const NewCall = z.object({ mode: z.enum(['audio', 'video']) });
const Signaling = z.object({ type: z.string().min(1), payload: z.record(z.string(), z.unknown()) });

function presentVisitor(call: Call, { session_id }: Conversation) {
  const visitor = call.website.visitors.get(session_id);
  if (visitor === undefined) throw new Refusal(VISITOR_OFFLINE, 'the visitor is not on the website now');
  return visitor;
}

function findBrowsing(call: Call, { browsing }: Conversation) {
  const found = browsing.find(({ browsing_id }) => browsing_id === param(call, 'browsing_id'));
  if (found === undefined) throw new Refusal(BROWSING_NOT_FOUND);
  return found;
}

function requireOngoing(call: Call, { call: ongoing }: Conversation): void {
  if (ongoing?.call_id !== param(call, 'call_id')) throw new Refusal(CALL_NOT_FOUND);
}
