import { type Rows, WEBSITE } from '../row.ts';

export const helpdeskTree: Rows = {
  'website.createHelpdeskTreePath': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.resolveHelpdeskTreePath': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.updateHelpdeskTreePath': {
    call: ({ locale, content_type, path, to, ...body }) => [
      WEBSITE,
      locale,
      content_type,
      path,
      to === undefined ? body : { ...body, path: { to } },
    ],
  },
  'website.deleteHelpdeskTreePath': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.resolveHelpdeskTreePage': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.listHelpdeskPages': { call: (a) => [WEBSITE, a.locale, a.content_type, a.page_number] },
  'website.resolveHelpdeskPageEntity': { call: (a) => [WEBSITE, a.locale, a.content_type, a.entity_id] },
};
