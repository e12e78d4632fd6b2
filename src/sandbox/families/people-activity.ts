import type { Handlers } from '../handler.ts';

/** What people did and what is known of them beside their profile; import and export. */
export const peopleActivity: Handlers = {};
