import type { Handlers } from '../handler.ts';

/** Identity verification of visitors and its secret key. */
export const verify: Handlers = {};
