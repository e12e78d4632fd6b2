import { describe, expect, test } from 'vitest';
import { ALL_TOOLS, findEntry } from '../catalog/catalog.ts';
import { validateArguments } from './validate.ts';

const SESSION = 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881';
const UUID = 'c5a2f70c-f605-4648-b47f-8c39d4b03a50';

function problems(tool: string, args: unknown): string[] {
  const entry = findEntry(tool);
  if (entry === undefined) throw new Error(`no tool ${tool}`);
  const validation = validateArguments(entry, args);
  return validation.kind === 'valid' ? [] : validation.problems.map(({ field, message }) => `${field}: ${message}`);
}

const send = (args: object) => problems('create_a_crisp_message', { session_id: SESSION, ...args });

describe('arguments that fit', () => {
  test.each<[string, unknown]>([
    ['list_all_crisp_conversations', undefined],
    ['list_all_crisp_conversations', {}],
    [
      'list_all_crisp_conversations',
      { page_number: 2, filter_unread: true, filter_date_start: '2026-01-01T00:00:00.000Z' },
    ],
    ['get_single_crisp_people_profile_by_id', { people_id: 'a@b.c' }],
    ['get_single_crisp_people_profile_by_id', { people_id: UUID }],
    ['get_single_crisp_message_by_id', { session_id: SESSION, fingerprint: 163613151617340 }],
    ['get_single_crisp_message_by_id', { session_id: SESSION, fingerprint: '16361315161734012345' }],
    ['update_a_crisp_conversation_routing_by_id', { session_id: SESSION, assigned: null }],
  ])('%s %j', (tool, args) => {
    expect(problems(tool, args)).toEqual([]);
  });

  test.each([
    ['text', 'hello'],
    ['note', 'for us'],
    ['file', { name: 'a.png', url: 'https://x.test/a.png', type: 'image/png' }],
    ['animation', { url: 'https://x.test/a.gif', type: 'image/gif' }],
    ['audio', { url: 'https://x.test/a.mp3', type: 'audio/mpeg', duration: 3 }],
    ['picker', { id: 'p', text: 'Which?', choices: [{ value: 'a', label: 'A', selected: false }] }],
    ['field', { id: 'f', text: 'Name?', explain: 'Your name' }],
    [
      'carousel',
      { text: 'Look', targets: [{ title: 'A', description: 'B', actions: [{ label: 'Go', url: 'https://x.test' }] }] },
    ],
    ['event', { namespace: 'user:joined' }],
  ])('a message of type %s', (type, content) => {
    expect(send({ type, content })).toEqual([]);
  });
});

describe('arguments that do not fit are told what would', () => {
  test.each<[string, string, unknown, string[]]>([
    [
      'a people_id for a session_id',
      'list_all_crisp_messages',
      { session_id: UUID },
      [
        'session_id: that is a bare UUID, such as a people_id or user_id; must be a session_id, session_<uuid>; list_all_crisp_conversations yields it',
      ],
    ],
    [
      'an e-mail address for a session_id',
      'list_all_crisp_messages',
      { session_id: 'a@b.c' },
      [
        'session_id: that is an e-mail address (a people_id); must be a session_id, session_<uuid>; list_all_crisp_conversations yields it',
      ],
    ],
    [
      'a session_id for a people_id',
      'get_single_crisp_people_profile_by_id',
      { people_id: SESSION },
      [
        'people_id: that is a session_id (a conversation); must be a people_id (a UUID) or an e-mail address; list_all_crisp_people_profiles yields it',
      ],
    ],
    [
      'something missing',
      'list_all_crisp_messages',
      {},
      ['session_id: is required: session_<uuid>, from list_all_crisp_conversations'],
    ],
    [
      'an unknown argument that is nearly right',
      'list_all_crisp_conversations',
      { filter_unred: true },
      ['filter_unred: is not known here; did you mean filter_unread?'],
    ],
    [
      'a part of a name',
      'list_all_crisp_conversations',
      { page: 2 },
      ['page: is not known here; did you mean page_number?'],
    ],
    [
      'an unknown argument like nothing',
      'get_single_crisp_website_by_id',
      { zzz: 1 },
      ['zzz: is not known here; it can be website_id'],
    ],
    [
      'a prototype key',
      'get_single_crisp_website_by_id',
      JSON.parse('{"__proto__":1}'),
      ['__proto__: is not known here; it can be website_id'],
    ],
    [
      'a wrong type and a wrong bound at once',
      'list_all_crisp_conversations',
      { per_page: 100, filter_unread: 'yes', page_number: 0 },
      [
        'page_number: must be at least 1, not 0',
        'per_page: must be at most 50, not 100',
        'filter_unread: must be true or false, not a string',
      ],
    ],
    [
      'a value that is not one of a choice',
      'update_a_crisp_conversation_state_by_id',
      { session_id: SESSION, state: 'closed' },
      ['state: must be one of pending, unresolved, resolved, not "closed"'],
    ],
    [
      'a date without a time zone',
      'list_all_crisp_conversations',
      { filter_date_start: '2026-01-01' },
      ['filter_date_start: must be an ISO 8601 instant with a time zone, such as 2026-01-31T18:00:00Z'],
    ],
    [
      'a fingerprint that has lost digits',
      'get_single_crisp_message_by_id',
      { session_id: SESSION, fingerprint: 2 ** 60 },
      ['fingerprint: is too long for a number and would lose digits: pass it as a string'],
    ],
    [
      'a fingerprint in words',
      'get_single_crisp_message_by_id',
      { session_id: SESSION, fingerprint: 'last' },
      ['fingerprint: must be a fingerprint, a whole number; list_all_crisp_messages yields it'],
    ],
    [
      'two searches at once',
      'list_all_crisp_conversations',
      { search_query: 'x', search_filter: [{ model: 'people', criterion: 'email', operator: 'eq', query: ['x'] }] },
      ['search_filter: cannot be combined with search_query or search_type: pass one kind of search'],
    ],
    [
      'nothing to change',
      'update_a_crisp_helpdesk_article_by_id',
      { locale: 'en', path: 'a.md' },
      ['(arguments): nothing to change: pass at least one field'],
    ],
    ['a list for the arguments', 'get_single_crisp_website_by_id', [], ['(arguments): must be an object, not a list']],
    ['null for the arguments', 'get_single_crisp_website_by_id', null, ['(arguments): must be an object, not null']],
    [
      'members of members',
      'create_a_crisp_people_profile',
      { person: { nickname: 'A', profiles: [{ handel: 'x' }] } },
      ['person.profiles[0].handel: is not known here; did you mean handle?'],
    ],
  ])('%s', (_sentence, tool, args, expected) => {
    expect(problems(tool, args)).toEqual(expected);
  });

  test('content is judged by the type of the message', () => {
    expect(send({ type: 'text', content: { text: 'hi' } })).toEqual(['content: must be a string, not an object']);
    expect(send({ type: 'file', content: 'a.png' })).toEqual(['content: must be an object, not a string']);
    expect(
      send({ type: 'picker', content: { id: 'p', text: 'Q', choices: [{ value: 'a', lable: 'A', selected: true }] } }),
    ).toEqual([
      'content.choices[0].label: is required',
      'content.choices[0].lable: is not known here; did you mean label?',
    ]);
    expect(send({ type: 'memo', content: 'x' })).toEqual([expect.stringMatching(/^type: must be one of text, note, /)]);
    expect(send({ content: 'x' })).toEqual([expect.stringMatching(/^type: is required/)]);
  });

  test('the secret for a deletion is never repeated', () => {
    const found = problems('delete_a_crisp_website', {
      verify: { method: 'password', secret: { 'hunter2-secret': 1 } },
    });
    expect(found).toEqual(['verify.secret: must be a string, not an object']);
  });

  test('a flood of problems is cut to a readable number', () => {
    const args = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`zz${index}`, 1]));
    expect(problems('get_single_crisp_website_by_id', args)).toHaveLength(20);
  });
});

test('every tool refuses an unknown argument', () => {
  for (const { name } of ALL_TOOLS)
    expect(problems(name, { no_such_argument: 1 }).join()).toContain('no_such_argument');
});
