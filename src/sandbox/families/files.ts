import type { Handlers } from '../handler.ts';

/** Uploads and animated images, whose results arrive elsewhere. */
export const files: Handlers = {};
