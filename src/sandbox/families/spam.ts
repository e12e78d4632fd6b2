import type { Handlers } from '../handler.ts';

/** Messages that were held back as spam. */
export const spam: Handlers = {};
