import { Refusal } from './answer.ts';
import { LEGACY_HELPDESK_WRITE } from './inferred.ts';

/**
 * The knowledge base that Crisp retired on 2026-09-22: its routes hang below a locale (`…/helpdesk/locale/en/article/…`).
 * Writes are refused by name so that a caller learns why; its reads are unknown routes here.
 */
const RETIRED_BRANCHES = new Set(['article', 'category', 'import', 'export']);
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** `segments` are the decoded path segments after `/v1/`. */
export function isLegacyHelpdeskWrite(method: string, segments: readonly string[]): boolean {
  const [website, , helpdesk, locale, , branch] = segments;
  const below = website === 'website' && helpdesk === 'helpdesk' && locale === 'locale';
  return below && branch !== undefined && RETIRED_BRANCHES.has(branch) && WRITES.has(method);
}

export function refuseLegacyHelpdeskWrite(): never {
  throw new Refusal(LEGACY_HELPDESK_WRITE, 'this website uses the new knowledge base');
}
