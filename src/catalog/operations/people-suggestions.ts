import { required, text } from '../fields.ts';
import { type Family, type Operation, TIERS } from '../operation.ts';
import { PEOPLE_TAGS } from './people.ts';

/** Segments, keys of custom data and events that are in use, which Crisp suggests where one is to be typed. */
const listSegments: Operation = {
  id: 'website.listSuggestedPeopleSegments',
  method: 'GET',
  path: '/website/{website_id}/people/suggest/segments/{page_number}',
  tiers: TIERS.open,
  answer: { page: {} },
  tool: {
    name: 'list_all_crisp_people_suggested_segments',
    title: 'List segments of people',
    description: 'Lists the segments that people are in, and how many are in each.',
    class: 'list',
  },
};

const deleteSegment: Operation = {
  id: 'website.deleteSuggestedPeopleSegment',
  method: 'DELETE',
  path: '/website/{website_id}/people/suggest/segment',
  tiers: TIERS.open,
  body: { segment: required(text('From list_all_crisp_people_suggested_segments', { min: 1 })) },
  tool: {
    name: 'delete_a_crisp_people_suggested_segment',
    title: 'Delete a suggested segment of people',
    description:
      'Removes a segment of people from the suggestions. Whether profiles that are in it stay in it is not documented.',
    class: 'delete',
  },
};

const listDataKeys: Operation = {
  id: 'website.listSuggestedPeopleDataKeys',
  method: 'GET',
  path: '/website/{website_id}/people/suggest/data/{page_number}',
  tiers: TIERS.open,
  answer: { page: {} },
  tool: {
    name: 'list_all_crisp_people_suggested_data_keys',
    title: 'List data keys of people',
    description: 'Lists the keys that occur in custom data of people, and how often.',
    class: 'list',
  },
};

const deleteDataKey: Operation = {
  id: 'website.deleteSuggestedPeopleDataKey',
  method: 'DELETE',
  path: '/website/{website_id}/people/suggest/data',
  tiers: TIERS.open,
  body: { key: required(text('From list_all_crisp_people_suggested_data_keys', { min: 1 })) },
  tool: {
    name: 'delete_a_crisp_people_suggested_data_key',
    title: 'Delete a suggested data key of people',
    description:
      'Removes a key of custom data of people from the suggestions. Whether people keep their values of it is not documented.',
    class: 'delete',
  },
};

const listEvents: Operation = {
  id: 'website.listSuggestedPeopleEvents',
  method: 'GET',
  path: '/website/{website_id}/people/suggest/events/{page_number}',
  tiers: TIERS.open,
  answer: { page: {} },
  tool: {
    name: 'list_all_crisp_people_suggested_events',
    title: 'List kinds of events of people',
    description: 'Lists the texts of events that people have, and how often each occurs.',
    class: 'list',
  },
};

const deleteEvent: Operation = {
  id: 'website.deleteSuggestedPeopleEvent',
  method: 'DELETE',
  path: '/website/{website_id}/people/suggest/event',
  tiers: TIERS.open,
  body: { text: required(text('From list_all_crisp_people_suggested_events', { min: 1 })) },
  tool: {
    name: 'delete_a_crisp_people_suggested_event',
    title: 'Delete a suggested event of people',
    description:
      'Removes the text of an event of people from the suggestions. Whether people keep such events is not documented.',
    class: 'delete',
  },
};

export const peopleSuggestions: Family = {
  tags: PEOPLE_TAGS,
  operations: [listSegments, deleteSegment, listDataKeys, deleteDataKey, listEvents, deleteEvent],
};
