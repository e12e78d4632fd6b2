import { RecentMap } from '../process/recent-map.ts';

/**
 * Text of others, such as a client's name, made fit for logs and audit: whatever is long and random enough to be a token
 * or a key is taken out. Identifiers of Crisp are UUIDs, also with a word in front, and stay.
 */
const TOKEN_LIKE = /[A-Za-z0-9_-]{32,}/g;
const CRISP_IDENTIFIER = /^(?:[a-z]{1,16}_)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SHORTEST_SECRET = 8;
const SCHEME = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+/gi;

export function withoutSecrets(text: string): string {
  if (text.length < SHORTEST_SECRET) return text;
  return text.replace(SCHEME, '$1 …').replace(TOKEN_LIKE, (found) => (CRISP_IDENTIFIER.test(found) ? found : '…'));
}

const MOST_NAMES = 512;
const quotedNames = new RecentMap<string, string>({ max: MOST_NAMES });

/** The same as JSON, for what comes again and again, such as the name of a client. */
export function quotedWithoutSecrets(name: string): string {
  let quoted = quotedNames.get(name);
  if (quoted === undefined) {
    quoted = JSON.stringify(withoutSecrets(name));
    quotedNames.set(name, quoted);
  }
  return quoted;
}
