import { type Rows, WEBSITE } from '../row.ts';

export const helpdesk: Rows = {
  'website.listHelpdeskTree': {
    call: (a) => [
      WEBSITE,
      a.locale,
      a.content_type,
      a.page_number,
      a.sub_path,
      a.search_title,
      a.filter_date_start,
      a.filter_date_end,
    ],
  },
  'website.resolveHelpdeskTreeContent': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.saveHelpdeskTreeContent': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path, a.content] },
  'website.resolveHelpdeskTreeMetadata': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.updateHelpdeskTreeMetadata': {
    call: ({ locale, content_type, path, ...body }) => [WEBSITE, locale, content_type, path, body],
  },
};
