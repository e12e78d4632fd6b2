import { z } from 'zod';
import { added, deleted, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { INBOX_NOT_FOUND } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { Inbox } from '../website.ts';

/** Sub-inboxes, into which conversations are sorted. */
export const inboxes: Handlers = {
  'website.listInboxes': (call) =>
    page(
      pageOf(
        call,
        [...call.website.inboxes.values()].sort((a, b) => a.order - b.order),
      ),
    ),

  'website.createNewInbox': (call) => {
    const inbox_id = call.state.newId();
    const settings = withDefaults(parseBody(InboxSettings, call.body), call.website.inboxes.size);
    call.website.inboxes.set(inbox_id, { inbox_id, ...settings, created_at: call.now, updated_at: call.now });
    return added({ inbox_id });
  },

  'website.checkInboxExists': (call) => {
    findInbox(call);
    return resolved({});
  },
  'website.getInbox': (call) => resolved(findInbox(call)),

  'website.saveInbox': (call) => {
    const { inbox_id, order, created_at } = findInbox(call);
    const settings = withDefaults(parseBody(InboxSettings, call.body), order);
    call.website.inboxes.set(inbox_id, { inbox_id, ...settings, created_at, updated_at: call.now });
    return saved();
  },

  'website.deleteInbox': (call) => {
    const { inbox_id } = findInbox(call);
    call.website.inboxes.delete(inbox_id);
    for (const conversation of call.website.conversations.values()) {
      if (conversation.inbox_id === inbox_id) conversation.inbox_id = null;
    }
    return deleted();
  },

  'website.batchOrderInboxes': (call) => {
    for (const { inbox_id, order } of parseBody(Orders, call.body).orders) {
      const inbox = call.website.inboxes.get(inbox_id);
      if (inbox === undefined) throw new Refusal(INBOX_NOT_FOUND);
      inbox.order = order;
    }
    return updated();
  },
};

const InboxSettings = z.object({
  name: z.string().min(1),
  emoji: z.string().optional(),
  order: z.int().optional(),
  operators: z.array(z.string()).optional(),
  teams: z.array(z.string()).optional(),
  team_operators: z.array(z.string()).optional(),
  conditions: z.array(z.unknown()).optional(),
  operator: z.enum(['and', 'or']).optional(),
});
const Orders = z.object({ orders: z.array(z.object({ inbox_id: z.string(), order: z.int() })) });

function withDefaults(sent: z.infer<typeof InboxSettings>, order: number) {
  const { name, emoji = '', operators = [], teams = [], team_operators = [], conditions = [], operator = 'and' } = sent;
  return { name, emoji, order: sent.order ?? order, operators, teams, team_operators, conditions, operator };
}

function findInbox(call: Call): Inbox {
  const inbox = call.website.inboxes.get(param(call, 'inbox_id'));
  if (inbox === undefined) throw new Refusal(INBOX_NOT_FOUND);
  return inbox;
}
