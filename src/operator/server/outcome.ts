import type { EffectiveServer } from '../../resources/effective-server.ts';
import { expiryText } from '../token-owner/lifetime.ts';
import { notReady, quoted, ready, reconciling, type Saying } from '../token-owner/outcome.ts';
import type { ServerSituation, ServerTypes } from './situation.ts';

/** What the status of a server says that has a route, and of one that is suspended. Pure. */
export function published(situation: ServerSituation, effective: EffectiveServer): Saying<ServerTypes['reason']> {
  const { account, tools } = situation;
  const name = quoted(effective.accountName);
  switch (account.kind) {
    case 'missing':
      return notReady(
        'AccountNotFound',
        `There is no CrispAccount ${name} in this namespace; create it. Until then the URL answers 503.`,
      );
    case 'unusable': {
      const message = `CrispAccount ${name} cannot be used yet: ${account.explanation} Until then the URL answers 503.`;
      return account.pending ? reconciling(message) : notReady('AccountNotReady', message);
    }
    case 'usable':
      return tools === undefined || tools.names.length === 0
        ? notReady('NoToolsMatched', noToolsMessage(situation, effective))
        : ready('Serving', servingMessage(effective, tools.names.length));
  }
}

export function suspended(effective: EffectiveServer): Saying<ServerTypes['reason']> {
  const reason = 'SuspendRequested';
  const message = `The URL answers 404 while spec.suspend is true; set it to false and the same URL works again (Secret ${quoted(effective.secretName)}).`;
  return { reason, conditions: [{ type: 'Suspended', status: 'True', reason, message }] };
}

function servingMessage(effective: EffectiveServer, count: number): string {
  const until = effective.expiresAt === undefined ? '' : ` until ${expiryText(effective)}`;
  const what = count === 1 ? '1 tool' : `${count} tools`;
  const where = `The URL is in Secret ${quoted(effective.secretName)}, key "url".`;
  const second = effective.requireApiTokenAuth ? ' Clients must send an API token besides.' : '';
  return `Serving ${what}${until}. ${where}${second}`;
}

function noToolsMessage({ account, tools }: ServerSituation, effective: EffectiveServer): string {
  const selected = tools?.selected ?? 0;
  const remedy = 'Until then the URL serves an empty list.';
  if (selected === 0) {
    return `No tool matches methods, tags and tools of this server; widen them ("crisp-mcp tools" lists what there is). ${remedy}`;
  }
  const tiers = account.kind === 'usable' ? account.tiers.join(', ') : '';
  return `The filter selects ${selected} tools, but none accepts a credential of the tiers that CrispAccount ${quoted(effective.accountName)} has (${tiers}); add a credential of another tier to it or widen the filter. ${remedy}`;
}
