import { type CrispMcpServer, crispMcpServerSpecSchema } from '../../resources/crisp-mcp-server.ts';
import { effectiveServer } from '../../resources/effective-server.ts';
import type { SpecReading } from './situation.ts';

/**
 * Reads a server's spec once for each version of the object. The CRD has validated it already; what it let through all
 * the same (an older CRD, a date that no calendar has) becomes a reason to show rather than an exception.
 */
const READINGS = new WeakMap<CrispMcpServer, SpecReading>();

export function readSpec(server: CrispMcpServer): SpecReading {
  const known = READINGS.get(server);
  if (known !== undefined) return known;
  const reading = read(server);
  READINGS.set(server, reading);
  return reading;
}

/** Also of a spec that cannot be read otherwise. */
export function secretNameOf(server: CrispMcpServer): string {
  return server.spec.secretName ?? `${server.metadata.name}-mcp`;
}

function read(server: CrispMcpServer): SpecReading {
  const parsed = crispMcpServerSpecSchema.safeParse(server.spec);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map((issue) => `spec.${issue.path.join('.')}: ${issue.message}.`);
    return { kind: 'invalid', message: problems.join(' ') };
  }
  const effective = effectiveServer(server);
  if (effective.expiresAt !== undefined && Number.isNaN(effective.expiresAt)) {
    return { kind: 'invalid', message: 'spec.expiresAt is not an instant that exists.' };
  }
  return { kind: 'valid', effective };
}
