import { choice, dateTime, email, type Fields, list, object, required, text, timestamp, whole } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import type { Tag } from '../tags.ts';
import { geolocation, nothingToChange, pageSize, perPage, searchFilter, searchOperator } from './shapes.ts';

/** Of everything about people. */
export const PEOPLE_TAGS: readonly Tag[] = ['people', 'crm'];

const timezone = whole('Minutes from UTC');

function profile(nickname: 'nickname required' | 'nickname optional'): Fields {
  const name = text('Full name', { min: 1 });
  const person = object('The person', {
    nickname: nickname === 'nickname required' ? required(name) : name,
    avatar: text(''),
    gender: text(''),
    phone: text(''),
    address: text(''),
    description: text(''),
    website: text(''),
    timezone,
    profiles: list('Social', object('', { type: text(''), handle: text(''), url: text('') })),
    employment: object('', {
      name: text(''),
      domain: text(''),
      title: text(''),
      role: text(''),
      seniority: text(''),
    }),
    geolocation,
    locales: list('', text('')),
  });
  return {
    email: email('Identifies the person'),
    person: nickname === 'nickname required' ? required(person) : person,
    company: object('Their company', {
      name: text(''),
      legal_name: text(''),
      domain: text(''),
      url: text(''),
      description: text(''),
      timezone,
      phones: list('', text('')),
      emails: list('', text('')),
      geolocation,
      metrics: object('', { employees: whole(''), market_cap: whole(''), raised: whole(''), arr: whole('') }),
      tags: list('', text('')),
    }),
    segments: list('All segments', text('')),
    notepad: text('Notes of operators'),
    active: timestamp('Last active (ms)'),
  };
}

export const people: Family = {
  tags: PEOPLE_TAGS,
  operations: [
    {
      id: 'website.getPeopleStatistics',
      method: 'GET',
      path: '/website/{website_id}/people/stats',
      tiers: TIERS.open,
      tool: {
        name: 'crisp_people_profiles_count',
        title: 'Count people',
        description: 'Gets how many profiles of people the website has (total).',
        class: 'custom',
        tags: ['analytics'],
      },
    },
    {
      id: 'website.listPeopleProfiles',
      method: 'GET',
      path: '/website/{website_id}/people/profiles/{page_number}',
      tiers: TIERS.open,
      query: {
        per_page: perPage,
        search_text: text('Part of a name, e-mail …', { min: 1 }),
        search_filter: searchFilter('Search by conditions'),
        search_operator: searchOperator,
        sort_field: text('Such as nickname', { min: 1 }),
        sort_order: choice('Of sort_field', ['ascending', 'descending']),
        filter_date_start: dateTime('Created at or after'),
        filter_date_end: dateTime('Created at or before'),
      },
      answer: { page: { size: pageSize } },
      tool: {
        name: 'list_all_crisp_people_profiles',
        title: 'List people',
        description:
          'Lists profiles of people (contacts, the CRM) a page at a time: people_id, e-mail, person, company, segments. To find one by e-mail pass search_text, or use the e-mail as people_id directly. Searching may need a higher Crisp plan.',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.addNewPeopleProfile',
      method: 'POST',
      path: '/website/{website_id}/people/profile',
      tiers: TIERS.open,
      body: profile('nickname required'),
      tool: {
        name: 'create_a_crisp_people_profile',
        title: 'Create a person',
        description:
          'Creates the profile of a person and returns its people_id. people_exists: that e-mail has a profile already; update that one.',
        class: 'create',
      },
    },
    {
      id: 'website.checkPeopleProfileExists',
      method: 'HEAD',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_people_profiles_exists',
        title: 'Check whether a person exists',
        description: 'Tells whether there is a profile with this people_id or e-mail address, without reading it.',
        class: 'custom',
      },
    },
    {
      id: 'website.getPeopleProfile',
      method: 'GET',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_people_profile_by_id',
        title: 'Get a person',
        description: 'Gets the profile of one person by people_id or e-mail address.',
        class: 'get',
        tags: ['support'],
      },
    },
    {
      id: 'website.savePeopleProfile',
      method: 'PUT',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
      body: profile('nickname required'),
      tool: {
        name: 'update_a_crisp_people_profile_by_id',
        title: 'Replace a person',
        description:
          'Replaces the whole profile of a person (PUT): every field that is not sent is lost. To change single fields use update_a_crisp_people_profile_fields_by_id; otherwise read the profile first and send it complete. Custom data is separate and stays.',
        class: 'update',
      },
    },
    {
      id: 'website.updatePeopleProfile',
      method: 'PATCH',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
      body: profile('nickname optional'),
      check: (args) => nothingToChange(args, ['people_id']),
      tool: {
        name: 'update_a_crisp_people_profile_fields_by_id',
        title: 'Change fields of a person',
        description:
          "Changes only the given fields of a person's profile (PATCH) and keeps the others. A list such as segments is replaced by the one sent.",
        class: 'update',
        destructive: true,
      },
    },
    {
      id: 'website.removePeopleProfile',
      method: 'DELETE',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
      tool: {
        name: 'delete_a_crisp_people_profile',
        title: 'Delete a person',
        description:
          "Removes a person's profile by people_id or e-mail address. It cannot be brought back; their conversations stay.",
        class: 'delete',
      },
    },
  ],
};
