import type { Handlers } from '../handler.ts';

/** Plugins that are installed on the website, with their settings and bills. */
export const pluginSubscriptions: Handlers = {};
