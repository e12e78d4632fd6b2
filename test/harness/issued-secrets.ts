import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runIsOpen, scratchFolder } from './run-folder.ts';

/**
 * The register of every token and key that a test run issued, for the leak search at its end. It lies outside the folder
 * that is searched. Whatever creates a secret in a test calls {@link issueSecret}.
 */
export interface IssuedSecret {
  /** What it is, for the report of a leak; the value itself is never reported. */
  readonly what: string;
  readonly value: string;
}

const IssuedSecret = z.object({ what: z.string(), value: z.string() });

/** Shorter values would be found everywhere by chance. */
export const SHORTEST_SECRET = 12;

/** Registers the value and returns it, so that it can stand where the value is made. */
export function issueSecret(value: string, what = 'a secret'): string {
  if (value.length < SHORTEST_SECRET) {
    throw new Error(`${what} has ${value.length} characters; a leak search needs at least ${SHORTEST_SECRET}`);
  }
  if (runIsOpen()) appendFileSync(registerPath(), `${JSON.stringify({ what, value })}\n`, { mode: 0o600 });
  return value;
}

export function issuedSecrets(): IssuedSecret[] {
  if (!existsSync(registerPath())) return [];
  const lines = readFileSync(registerPath(), 'utf8').split('\n').filter(Boolean);
  const byValue = new Map(
    lines.map((line) => IssuedSecret.parse(JSON.parse(line))).map((entry) => [entry.value, entry]),
  );
  return [...byValue.values()];
}

function registerPath(): string {
  return join(scratchFolder(), 'issued-secrets.jsonl');
}
