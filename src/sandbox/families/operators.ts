import { z } from 'zod';
import { acted, deleted, listed, Refusal, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { LAST_OPERATOR, OPERATOR_LIST_TYPE, OPERATOR_NOT_FOUND } from '../inferred.ts';
import { Proof, requireProof } from '../proof.ts';
import type { Operator } from '../website.ts';

/** The team. Operators carry a token pair (`identifier`, `key`) on the wire, which a gateway must redact. */
export const operators: Handlers = {
  'website.listWebsiteOperators': ({ website }) =>
    listed([...website.operators.values()].map((operator) => ({ type: OPERATOR_LIST_TYPE, details: view(operator) }))),

  'website.listLastActiveWebsiteOperators': ({ website }) =>
    listed(
      [...website.operators.values()]
        .filter((operator) => operator.lastActive > 0)
        .sort((a, b) => b.lastActive - a.lastActive)
        .map(({ user_id, avatar, first_name, lastActive }) => ({
          user_id,
          avatar,
          nickname: first_name,
          timestamp: lastActive,
        })),
    ),

  'website.flushLastActiveWebsiteOperators': ({ website }) => {
    for (const operator of website.operators.values()) operator.lastActive = 0;
    return deleted();
  },

  'website.inviteWebsiteOperator': ({ state, body, now }) => {
    const { email, verify } = parseBody(Invitation, body);
    requireProof(state, verify);
    state.recordDelivery({ at: now, channel: 'email', to: email, what: 'invitation' });
    return acted();
  },

  'website.getWebsiteOperator': (call) => resolved(view(findOperator(call))),

  'website.changeOperatorMembership': (call) => {
    const operator = findOperator(call);
    const { role, title } = parseBody(Membership, call.body);
    if (role !== undefined) operator.role = role;
    if (title !== undefined) operator.title = title;
    return updated();
  },

  'website.unlinkOperatorFromWebsite': (call) => {
    const operator = findOperator(call);
    if (call.website.operators.size === 1) throw new Refusal(LAST_OPERATOR, 'the last operator cannot be unlinked');
    call.website.operators.delete(operator.user_id);
    return deleted();
  },

  'website.sendEmailToWebsiteOperators': (call) => {
    const { user_id, recipient } = parseBody(Email, call.body);
    const to = user_id ?? recipient ?? 'all operators';
    call.state.recordDelivery({ at: call.now, channel: 'email', to, what: 'operator e-mail' });
    return acted();
  },
};

const Membership = z.object({ role: z.enum(['owner', 'member']).optional(), title: z.string().optional() });
const Invitation = z.object({ email: z.string().min(3), role: z.enum(['owner', 'member']), verify: Proof });
const Email = z.object({
  recipient: z.string().optional(),
  user_id: z.string().optional(),
  subject: z.string().optional(),
  message: z.string().optional(),
  target: z.object({ label: z.string().optional(), url: z.string().optional() }).optional(),
});

function findOperator(call: Call): Operator {
  const operator = call.website.operators.get(param(call, 'user_id'));
  if (operator === undefined) throw new Refusal(OPERATOR_NOT_FOUND);
  return operator;
}

function view({ lastActive: _lastActive, ...operator }: Operator) {
  return operator;
}
