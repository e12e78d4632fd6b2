import { choice, defaulting, type Field, type Fields, matching, required, text, uuid, whole } from './fields.ts';

/**
 * The identifiers of Crisp: how each looks, which tool yields it, and what to say when one is passed for another. Path
 * parameters of operations take their schemas from here by name, so that an identifier is described once.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SESSION = /^session_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const DIGITS = /^(0|[1-9][0-9]{0,19})$/;

interface Identifier {
  /** Completes "must be …". */
  readonly form: string;
  /** The tool that yields it. */
  readonly from: string;
}

const IDENTIFIERS: Readonly<Record<string, Identifier>> = {
  session_id: { form: 'a session_id, session_<uuid>', from: 'list_all_crisp_conversations' },
  people_id: { form: 'a people_id (a UUID) or an e-mail address', from: 'list_all_crisp_people_profiles' },
  user_id: { form: "an operator's user_id, a UUID", from: 'list_all_crisp_operators' },
  campaign_id: { form: 'a campaign_id, a UUID', from: 'list_all_crisp_campaigns' },
  fingerprint: { form: 'a fingerprint, a whole number', from: 'list_all_crisp_messages' },
  locale: { form: 'a locale such as en or pt-br', from: 'list_all_crisp_helpdesk_locales' },
  inbox_id: { form: 'an inbox_id, a UUID', from: 'list_all_crisp_inboxes' },
  team_id: { form: 'a team_id, a UUID', from: 'list_all_crisp_teams' },
  template_id: { form: 'a template_id, a UUID', from: 'list_all_crisp_campaign_templates' },
  spam_id: { form: 'a spam_id, a UUID', from: 'list_all_crisp_spam_conversations' },
  browsing_id: { form: 'a browsing_id, browsing_<uuid>', from: 'list_all_crisp_browsing_sessions' },
  call_id: { form: 'a call_id, call_<uuid>', from: 'get_single_crisp_conversation_call_by_id' },
  plugin_id: { form: 'a plugin_id, a UUID', from: 'list_all_crisp_plugin_subscriptions' },
};

/** A message's number, as a number or as a string of digits; the body carries it as a number of all its digits. */
export function fingerprint(description: string): Field {
  return {
    schema: {
      type: ['integer', 'string'],
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      pattern: DIGITS.source,
      description,
    },
    required: false,
    wire: (value) => (typeof value === 'string' && DIGITS.test(value) ? JSON.rawJSON(value) : value),
  };
}

export function sessionId(description: string): Field {
  return matching(description, '^session_[0-9a-fA-F-]{36}$');
}

/** A UUID, or the e-mail address that Crisp takes in its place. */
function peopleId(description: string): Field {
  return matching(description, '^([0-9a-fA-F-]{36}|[^\\s@]+@[^\\s@]+)$', 254);
}

const pageNumber = defaulting(whole('Page, from 1', { min: 1, max: 1_000_000 }), 1);

/** Path parameters by the names that Crisp's reference gives them. */
export const PATH_FIELDS: Fields = {
  page_number: pageNumber,
  session_id: required(sessionId('session_<uuid>, from list_all_crisp_conversations')),
  people_id: required(peopleId('UUID or e-mail address, from list_all_crisp_people_profiles')),
  user_id: required(uuid('From list_all_crisp_operators')),
  inbox_id: required(uuid('From list_all_crisp_inboxes')),
  team_id: required(uuid('From list_all_crisp_teams')),
  campaign_id: required(uuid('From list_all_crisp_campaigns')),
  template_id: required(uuid('From list_all_crisp_campaign_templates')),
  plugin_id: required(uuid('From list_all_crisp_plugin_subscriptions')),
  spam_id: required(uuid('From list_all_crisp_spam_conversations')),
  browsing_id: required(
    matching('browsing_<uuid>, from list_all_crisp_browsing_sessions', '^browsing_[0-9a-fA-F-]{36}$'),
  ),
  call_id: required(matching('call_<uuid>, from get_single_crisp_conversation_call_by_id', '^call_[0-9a-fA-F-]{36}$')),
  fingerprint: required(fingerprint('From list_all_crisp_messages')),
  // Of these Crisp publishes no form.
  original_id: required(text('original.original_id of a message, from list_all_crisp_messages', { min: 1, max: 256 })),
  entity_id: required(text('From list_all_crisp_helpdesk_pages', { min: 1, max: 256 })),
  change_id: required(text('From list_all_crisp_helpdesk_changes', { min: 1, max: 256 })),
  redirection_id: required(text('From list_all_crisp_helpdesk_redirections', { min: 1, max: 256 })),
  locale: required(
    matching('Such as en, from list_all_crisp_helpdesk_locales', '^[a-z]{2,3}([-_][a-zA-Z0-9]{2,8})*$', 24),
  ),
  content_type: defaulting(choice('Part of the helpdesk', ['articles', 'guides', 'references', 'news']), 'articles'),
  path: required({
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description:
        'Path in the tree, such as orders/refunds.md: slugs from list_all_crisp_helpdesk_articles joined by /',
    },
    required: true,
  }),
};

/** What a value of a string argument is, when it is not what the argument takes; for a sentence to a model. */
export function explainMistake(name: string, value: unknown): string | undefined {
  const key = name === 'fingerprints' ? 'fingerprint' : name;
  const expected = IDENTIFIERS[key];
  if (expected === undefined) return undefined;
  const seen = recognise(value);
  const that = seen === undefined ? '' : `that is ${seen}; `;
  return `${that}must be ${expected.form}; ${expected.from} yields it`;
}

function recognise(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (SESSION.test(value)) return 'a session_id (a conversation)';
  if (UUID.test(value)) return 'a bare UUID, such as a people_id or user_id';
  if (/^[^\s@]+@[^\s@]+$/.test(value)) return 'an e-mail address (a people_id)';
  if (/^\d+$/.test(value)) return 'a number, such as a fingerprint';
  return undefined;
}

declare global {
  interface JSON {
    /** ES2026: a primitive that `stringify` writes exactly as given, so that no digit of a long number is lost. */
    rawJSON(text: string): object;
  }
}
