import { z } from 'zod';
import { deleted, page } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Call, Handlers } from '../handler.ts';
import { pageOf } from '../query.ts';
import { forgetSuggestion, suggestions } from './suggestions.ts';

/** Segments and data keys that the app suggests for conversations. Deleting one changes no conversation. */
export const conversationSuggestions: Handlers = {
  'website.listSuggestedConversationSegments': (call) => page(pageOf(call, segments(call))),
  'website.deleteSuggestedConversationSegment': (call) => {
    forgetSuggestion(call, SEGMENT, parseBody(Segment, call.body).segment, segments(call));
    return deleted();
  },

  'website.listSuggestedConversationDataKeys': (call) => page(pageOf(call, dataKeys(call))),
  'website.deleteSuggestedConversationDataKey': (call) => {
    forgetSuggestion(call, DATA_KEY, parseBody(Key, call.body).key, dataKeys(call));
    return deleted();
  },
};

const SEGMENT = 'conversation segment';
const DATA_KEY = 'conversation data';
const Segment = z.strictObject({ segment: z.string() });
const Key = z.strictObject({ key: z.string() });

function segments(call: Call) {
  const used = [...call.website.conversations.values()].map(({ meta }) => meta.segments);
  return suggestions(call, SEGMENT, 'segment', used);
}

function dataKeys(call: Call) {
  const used = [...call.website.conversations.values()].map(({ meta }) => Object.keys(meta.data ?? {}));
  return suggestions(call, DATA_KEY, 'key', used);
}
