// @ts-check
/** Something that the machine lacks; the message names it and the remedy, and is shown without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
  code = 'SETUP_FAILED';
}
