import type { Rows } from '../row.ts';
import { batch } from './batch.rows.ts';
import { campaignDelivery } from './campaign-delivery.rows.ts';
import { campaignTemplates } from './campaign-templates.rows.ts';
import { campaigns } from './campaigns.rows.ts';
import { conversationDetails } from './conversation-details.rows.ts';
import { conversationSessions } from './conversation-sessions.rows.ts';
import { conversationSuggestions } from './conversation-suggestions.rows.ts';
import { conversations } from './conversations.rows.ts';
import { files } from './files.rows.ts';
import { helpdesk } from './helpdesk.rows.ts';
import { helpdeskFeedback } from './helpdesk-feedback.rows.ts';
import { helpdeskHistory } from './helpdesk-history.rows.ts';
import { helpdeskLocales } from './helpdesk-locales.rows.ts';
import { helpdeskRedirections } from './helpdesk-redirections.rows.ts';
import { helpdeskSite } from './helpdesk-site.rows.ts';
import { helpdeskTree } from './helpdesk-tree.rows.ts';
import { inboxes } from './inboxes.rows.ts';
import { messages } from './messages.rows.ts';
import { operators } from './operators.rows.ts';
import { people } from './people.rows.ts';
import { peopleActivity } from './people-activity.rows.ts';
import { peopleSuggestions } from './people-suggestions.rows.ts';
import { peopleTransfer } from './people-transfer.rows.ts';
import { plans } from './plans.rows.ts';
import { pluginConnect } from './plugin-connect.rows.ts';
import { pluginSubscriptions } from './plugin-subscriptions.rows.ts';
import { spam } from './spam.rows.ts';
import { teams } from './teams.rows.ts';
import { verify } from './verify.rows.ts';
import { visitors } from './visitors.rows.ts';
import { website } from './website.rows.ts';

export const ROWS: Rows = {
  ...website,
  ...verify,
  ...operators,
  ...conversations,
  ...conversationDetails,
  ...conversationSessions,
  ...conversationSuggestions,
  ...messages,
  ...spam,
  ...batch,
  ...visitors,
  ...inboxes,
  ...teams,
  ...people,
  ...peopleActivity,
  ...peopleSuggestions,
  ...peopleTransfer,
  ...helpdesk,
  ...helpdeskSite,
  ...helpdeskTree,
  ...helpdeskHistory,
  ...helpdeskLocales,
  ...helpdeskRedirections,
  ...helpdeskFeedback,
  ...campaigns,
  ...campaignDelivery,
  ...campaignTemplates,
  ...plans,
  ...pluginConnect,
  ...pluginSubscriptions,
  ...files,
};
