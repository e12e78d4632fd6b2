import { Refusal } from '../answer.ts';
import type { Handlers } from '../handler.ts';
import { HELPDESK_NOT_FOUND } from '../inferred.ts';
import { helpdeskFeedback } from './helpdesk-feedback.ts';
import { helpdeskHistory } from './helpdesk-history.ts';
import { helpdeskLocales } from './helpdesk-locales.ts';
import { helpdeskRedirections } from './helpdesk-redirections.ts';
import { helpdeskSetup, helpdeskSite } from './helpdesk-site.ts';
import { helpdeskTree } from './helpdesk-tree.ts';

/** The whole helpdesk. All but setting it up needs one to be there. */
export const helpdesk: Handlers = {
  ...helpdeskSetup,
  ...needingHelpdesk({
    ...helpdeskSite,
    ...helpdeskLocales,
    ...helpdeskTree,
    ...helpdeskHistory,
    ...helpdeskRedirections,
    ...helpdeskFeedback,
  }),
};

function needingHelpdesk(handlers: Handlers): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([id, handler]) => [
      id,
      (call) => {
        if (!call.website.helpdesk.exists) throw new Refusal(HELPDESK_NOT_FOUND);
        return handler(call);
      },
    ]),
  );
}
