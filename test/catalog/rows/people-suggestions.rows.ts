import { type Rows, WEBSITE } from '../row.ts';

export const peopleSuggestions: Rows = {
  'website.listSuggestedPeopleSegments': { call: (a) => [WEBSITE, a.page_number] },
  'website.deleteSuggestedPeopleSegment': { call: (a) => [WEBSITE, a.segment] },
  'website.listSuggestedPeopleDataKeys': { call: (a) => [WEBSITE, a.page_number] },
  'website.deleteSuggestedPeopleDataKey': { call: (a) => [WEBSITE, a.key] },
  'website.listSuggestedPeopleEvents': { call: (a) => [WEBSITE, a.page_number] },
  'website.deleteSuggestedPeopleEvent': { call: (a) => [WEBSITE, a.text] },
};
