import { describe, expect, test } from 'vitest';
import type { Arguments } from '../catalog/fields.ts';
import { OPERATIONS } from '../catalog/operations/index.ts';
import { buildRequest } from './request.ts';

const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
const SESSION = 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881';

function build(id: string, args: Arguments) {
  const operation = OPERATIONS.find((each) => each.id === id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  const { method, path, body } = buildRequest(operation, args, WEBSITE);
  return { method, path: path.replace(`/v1/website/${WEBSITE}`, ''), body };
}

describe('a request', () => {
  test.each([
    ['has page 1 unless told otherwise', 'website.listConversations', {}, 'GET /conversations/1'],
    [
      'has its page in the path',
      'website.listConversations',
      { page_number: 3, per_page: 50 },
      'GET /conversations/3?per_page=50',
    ],
    [
      'has flags as 1 and 0',
      'website.listConversations',
      { filter_unread: true, include_empty: false },
      'GET /conversations/1?include_empty=0&filter_unread=1',
    ],
    [
      'encodes a query',
      'website.listPeopleProfiles',
      { search_text: 'a b&c=d' },
      'GET /people/profiles/1?search_text=a+b%26c%3Dd',
    ],
    [
      'encodes an e-mail as an id',
      'website.getPeopleProfile',
      { people_id: 'a+b@ex.com' },
      'GET /people/profile/a%2Bb%40ex.com',
    ],
    [
      'encodes a tree path by segments',
      'website.resolveHelpdeskTreeContent',
      { locale: 'en', path: 'or ders/é?#.md' },
      'GET /helpdesk/tree/content/en/articles/or%20ders/%C3%A9%3F%23.md',
    ],
    [
      'has a fingerprint of any length in its path',
      'website.getMessageInConversation',
      { session_id: SESSION, fingerprint: '12345678901234567890' },
      `GET /conversation/${SESSION}/message/12345678901234567890`,
    ],
    ['does not take website_id from the arguments', 'website.getWebsite', { website_id: 'other' }, 'GET '],
  ])('%s', (_sentence, id, args, expected) => {
    const { method, path } = build(id, args);
    expect(`${method} ${path}`).toBe(expected);
  });

  test('of a search by conditions carries them as JSON', () => {
    const filter = [{ model: 'people', criterion: 'email', operator: 'eq', query: ['a@b.c'] }];
    const { path } = build('website.listConversations', { search_filter: filter });
    const query = new URLSearchParams(path.split('?')[1]);
    expect(query.get('search_type')).toBe('filter');
    expect(JSON.parse(query.get('search_query') ?? '')).toEqual(filter);
    expect(query.has('search_filter')).toBe(false);
  });

  test.each([
    ['is {} on a POST without fields', 'website.createNewConversation', {}, '{}'],
    ['is absent on a GET', 'website.getWebsite', {}, undefined],
    ['is absent on a DELETE without fields', 'website.removePeopleProfile', { people_id: 'a@b.c' }, undefined],
    [
      'is there on a DELETE with fields',
      'website.deleteWebsite',
      { verify: { method: 'password', secret: 's' } },
      '{"verify":{"method":"password","secret":"s"}}',
    ],
    ['keeps null', 'website.assignConversationRouting', { session_id: SESSION, assigned: null }, '{"assigned":null}'],
    [
      'carries every digit of a fingerprint as a number',
      'website.markMessagesReadInConversation',
      { session_id: SESSION, fingerprints: ['12345678901234567890', 7] },
      '{"from":"user","origin":"chat","fingerprints":[12345678901234567890,7]}',
    ],
    [
      'fills in the defaults of a message',
      'website.sendMessageInConversation',
      { session_id: SESSION, type: 'note', content: 'x' },
      '{"type":"note","content":"x","from":"operator","origin":"chat"}',
    ],
  ])('body %s', (_sentence, id, args, expected) => {
    expect(build(id, args).body).toBe(expected);
  });
});
