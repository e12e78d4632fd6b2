import type { Family, Operation } from '../operation.ts';
import { batch } from './batch.ts';
import { campaignDelivery } from './campaign-delivery.ts';
import { campaignTemplates } from './campaign-templates.ts';
import { campaigns } from './campaigns.ts';
import { conversationActions } from './conversation-actions.ts';
import { conversationDetails } from './conversation-details.ts';
import { conversationSessions } from './conversation-sessions.ts';
import { conversationSuggestions } from './conversation-suggestions.ts';
import { conversationWidgets } from './conversation-widgets.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import { helpdesk } from './helpdesk.ts';
import { helpdeskFeedback } from './helpdesk-feedback.ts';
import { helpdeskHistory } from './helpdesk-history.ts';
import { helpdeskLocales } from './helpdesk-locales.ts';
import { helpdeskRedirections } from './helpdesk-redirections.ts';
import { helpdeskSite } from './helpdesk-site.ts';
import { helpdeskTree } from './helpdesk-tree.ts';
import { inboxes } from './inboxes.ts';
import { messages } from './messages.ts';
import { operators } from './operators.ts';
import { people } from './people.ts';
import { peopleActivity } from './people-activity.ts';
import { peopleSuggestions } from './people-suggestions.ts';
import { peopleTransfer } from './people-transfer.ts';
import { plans } from './plans.ts';
import { pluginConnect } from './plugin-connect.ts';
import { pluginSubscriptions } from './plugin-subscriptions.ts';
import { spam } from './spam.ts';
import { teams } from './teams.ts';
import { verify } from './verify.ts';
import { visitors } from './visitors.ts';
import { website } from './website.ts';

/** All families of operations; a new one is added here. */
export const FAMILIES: readonly Family[] = [
  website,
  verify,
  operators,
  conversations,
  conversationDetails,
  conversationActions,
  conversationSessions,
  conversationWidgets,
  conversationSuggestions,
  messages,
  spam,
  batch,
  visitors,
  inboxes,
  teams,
  people,
  peopleActivity,
  peopleSuggestions,
  peopleTransfer,
  helpdesk,
  helpdeskSite,
  helpdeskTree,
  helpdeskHistory,
  helpdeskLocales,
  helpdeskRedirections,
  helpdeskFeedback,
  campaigns,
  campaignDelivery,
  campaignTemplates,
  plans,
  pluginConnect,
  pluginSubscriptions,
  files,
];

export const OPERATIONS: readonly Operation[] = FAMILIES.flatMap((family) => family.operations);
