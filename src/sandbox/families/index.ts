import type { Handlers } from '../handler.ts';
import { batch } from './batch.ts';
import { campaignDelivery } from './campaign-delivery.ts';
import { campaignTemplates } from './campaign-templates.ts';
import { campaigns } from './campaigns.ts';
import { conversationActions } from './conversation-actions.ts';
import { conversationAspects } from './conversation-aspects.ts';
import { conversationSessions } from './conversation-sessions.ts';
import { conversationSuggestions } from './conversation-suggestions.ts';
import { conversationWidgets } from './conversation-widgets.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import { helpdesk } from './helpdesk.ts';
import { inboxes } from './inboxes.ts';
import { messages } from './messages.ts';
import { operators } from './operators.ts';
import { people } from './people.ts';
import { peopleActivity } from './people-activity.ts';
import { peopleSuggestions } from './people-suggestions.ts';
import { plans } from './plans.ts';
import { pluginConnect } from './plugin-connect.ts';
import { pluginSubscriptions } from './plugin-subscriptions.ts';
import { spam } from './spam.ts';
import { teams } from './teams.ts';
import { verify } from './verify.ts';
import { visitors } from './visitors.ts';
import { website } from './website.ts';

/** The behaviour of every operation that the sandbox plays, by operation id. A new family is added here. */
export const HANDLERS: Handlers = {
  ...website,
  ...conversations,
  ...conversationAspects,
  ...conversationActions,
  ...conversationWidgets,
  ...messages,
  ...people,
  ...helpdesk,
  ...campaigns,
  ...campaignDelivery,
  ...campaignTemplates,
  ...operators,
  ...inboxes,
  ...batch,
  ...visitors,
  ...teams,
  ...spam,
  ...conversationSessions,
  ...conversationSuggestions,
  ...peopleActivity,
  ...peopleSuggestions,
  ...verify,
  ...plans,
  ...pluginConnect,
  ...pluginSubscriptions,
  ...files,
};
