#!/usr/bin/env node
import { UserError } from './cli/user-error.ts';
import { sizeYoungGeneration } from './process/young-generation.ts';

const NEEDED_NODE = 24;

/** The program `crisp-mcp`. A mistake of the caller is one sentence; anything else keeps its stack. */
sizeYoungGeneration();
try {
  // Our libraries fail on an older Node with words that help nobody, so it is looked at before they are loaded.
  if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE) {
    throw new UserError('NODE_TOO_OLD', `Node ${NEEDED_NODE} or newer is needed; this is ${process.versions.node}.`);
  }
  const { runProgram } = await import('./cli/program.ts');
  await runProgram(process.argv.slice(2));
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof UserError ? `crisp-mcp: ${error.message}` : error);
}
