import type { Handlers } from '../handler.ts';

/** Who is on the website now, and who is blocked. */
export const visitors: Handlers = {};
