/**
 * Text of others, such as a client's name, made fit for logs and audit: whatever is long and random enough to be a token
 * or a key is taken out. Identifiers of Crisp are UUIDs, also with a word in front, and stay.
 */
const TOKEN_LIKE = /[A-Za-z0-9_-]{32,}/g;
const CRISP_IDENTIFIER = /^(?:[a-z]{1,16}_)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SCHEME = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+/gi;

export function withoutSecrets(text: string): string {
  if (text.length < 8) return text;
  return text.replace(SCHEME, '$1 …').replace(TOKEN_LIKE, (found) => (CRISP_IDENTIFIER.test(found) ? found : '…'));
}
