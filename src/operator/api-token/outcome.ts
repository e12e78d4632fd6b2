import { type EffectiveApiToken, EVERY_SERVER } from '../../resources/crisp-api-token.ts';
import { expiryText } from '../token-owner/lifetime.ts';
import { quoted, ready, type Saying } from '../token-owner/outcome.ts';

/** What the status of an API token says that is accepted. Pure. */
export function issued(effective: EffectiveApiToken): Saying<'Issued'> {
  const { scopes, servers } = effective;
  const until = effective.expiresAt === undefined ? '' : ` until ${expiryText(effective)}`;
  const everywhere = servers.includes(EVERY_SERVER);
  const count = servers.length === 1 ? '1 server' : `${servers.length} servers`;
  const reach = everywhere ? ' to every server of the namespace' : ` to ${count}`;
  const what = scopes.map((scope) => (scope === 'connect' ? `${scope}${reach}` : scope)).join(', ');
  const where = `The token is in Secret ${quoted(effective.secretName)}, key "token".`;
  return ready('Issued', `Accepted for: ${what}${until}. ${where}`);
}
