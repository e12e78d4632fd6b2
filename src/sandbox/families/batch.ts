import type { Handlers } from '../handler.ts';

/** Changes of many conversations or people at once. */
export const batch: Handlers = {};
