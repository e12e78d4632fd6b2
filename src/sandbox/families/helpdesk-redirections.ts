import { z } from 'zod';
import { added, deleted, page, Refusal, resolved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { REDIRECTION_NOT_FOUND } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { Redirection } from '../website.ts';

/** Addresses of the public helpdesk that lead to others. */
export const helpdeskRedirections: Handlers = {
  'website.listHelpdeskRedirections': (call) => page(pageOf(call, [...call.website.helpdesk.redirections.values()])),
  'website.addHelpdeskRedirection': (call) => {
    const { path, target } = parseBody(NewRedirection, call.body);
    const redirection_id = call.state.newId();
    const times = { created_at: call.now, updated_at: call.now };
    call.website.helpdesk.redirections.set(redirection_id, { redirection_id, path, target, ...times });
    return added({ redirection_id });
  },
  'website.checkHelpdeskRedirectionExists': (call) => {
    findRedirection(call);
    return resolved({});
  },
  'website.resolveHelpdeskRedirection': (call) => resolved(findRedirection(call)),
  'website.deleteHelpdeskRedirection': (call) => {
    call.website.helpdesk.redirections.delete(findRedirection(call).redirection_id);
    return deleted();
  },
};

const NewRedirection = z.strictObject({ path: z.string().min(1), target: z.string().min(1) });

function findRedirection(call: Call): Redirection {
  const redirection = call.website.helpdesk.redirections.get(param(call, 'redirection_id'));
  if (redirection === undefined) throw new Refusal(REDIRECTION_NOT_FOUND);
  return redirection;
}
