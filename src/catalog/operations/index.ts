import type { Family, Operation } from '../operation.ts';
import { campaigns } from './campaigns.ts';
import { conversations } from './conversations.ts';
import { helpdesk } from './helpdesk.ts';
import { messages } from './messages.ts';
import { operators } from './operators.ts';
import { people } from './people.ts';
import { website } from './website.ts';

/** All families of operations; a new one is added here. */
export const FAMILIES: readonly Family[] = [website, conversations, messages, people, helpdesk, campaigns, operators];

export const OPERATIONS: readonly Operation[] = FAMILIES.flatMap((family) => family.operations);
