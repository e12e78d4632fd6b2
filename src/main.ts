#!/usr/bin/env node
import { runProgram } from './cli/program.ts';
import { UserError } from './cli/user-error.ts';
import { startLean } from './process/lean-start.ts';

/** The program `crisp-mcp`. A mistake of the caller is one sentence; anything else keeps its stack. */
startLean();
try {
  await runProgram(process.argv.slice(2));
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof UserError ? `crisp-mcp: ${error.message}` : error);
}
