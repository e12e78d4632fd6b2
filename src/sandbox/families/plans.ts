import type { Handlers } from '../handler.ts';

/** The Crisp plan of the website and its coupons. */
export const plans: Handlers = {};
