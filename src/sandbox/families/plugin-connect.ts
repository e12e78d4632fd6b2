import type { Handlers } from '../handler.ts';

/** What a plugin may ask of itself and of the websites that installed it. */
export const pluginConnect: Handlers = {};
