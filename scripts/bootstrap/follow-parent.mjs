// @ts-check
/** Preloaded into a program that run.mjs started: ends it, gently, when its starter is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
