import type { Handlers } from '../handler.ts';

/** Co-browsing, calls and other things that happen live in a conversation. */
export const conversationSessions: Handlers = {};
