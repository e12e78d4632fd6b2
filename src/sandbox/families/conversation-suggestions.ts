import type { Handlers } from '../handler.ts';

/** Segments and data keys that the app suggests for conversations. */
export const conversationSuggestions: Handlers = {};
