import type { Handlers } from '../handler.ts';

/** Groups of operators. */
export const teams: Handlers = {};
