import type { Handlers } from '../handler.ts';

/** The helpdesk as a site: settings, domain, redirections, feedback, import and export. */
export const helpdeskSite: Handlers = {};
