import { z } from 'zod';
import { acted } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Call, Handlers } from '../handler.ts';
import { WIDGET_STRATEGY } from '../inferred.ts';
import { findConversation } from './conversations.ts';

/** Widgets and tools of integrations. None is connected: what is asked is checked, and the answer never comes. */
const item = { section_id: z.string(), item_id: z.string() };
const Open = z.record(z.string(), z.unknown());
const ToolCall = z.object({ command: z.string().min(1), payload: Open.optional() });

export const conversationWidgets: Handlers = {
  'website.deliverWidgetButtonActionForConversation': deliver(
    z.object({ ...item, data: Open, value: z.unknown().optional() }),
  ),
  'website.deliverWidgetDataFetchActionForConversation': deliver(z.object({ ...item, data: Open })),
  'website.deliverWidgetDataEditActionForConversation': deliver(z.object({ ...item, value: z.unknown() })),

  'website.requestToolCallForConversation': (call) => {
    findConversation(call);
    parseBody(ToolCall, call.body);
    return acted();
  },
};

function deliver(schema: z.ZodType) {
  return (call: Call) => {
    findConversation(call);
    parseBody(schema, call.body);
    return acted({ correlation_id: call.state.newId(), strategy: WIDGET_STRATEGY });
  };
}
