import type { Handlers } from '../handler.ts';
import { campaigns } from './campaigns.ts';
import { conversationAspects } from './conversation-aspects.ts';
import { conversations } from './conversations.ts';
import { helpdesk } from './helpdesk.ts';
import { helpdeskTree } from './helpdesk-tree.ts';
import { inboxes } from './inboxes.ts';
import { messages } from './messages.ts';
import { operators } from './operators.ts';
import { people } from './people.ts';
import { website } from './website.ts';

/** The behaviour of every operation that the sandbox plays, by operation id. A new family is added here. */
export const HANDLERS: Handlers = {
  ...website,
  ...conversations,
  ...conversationAspects,
  ...messages,
  ...people,
  ...helpdesk,
  ...helpdeskTree,
  ...campaigns,
  ...operators,
  ...inboxes,
};
