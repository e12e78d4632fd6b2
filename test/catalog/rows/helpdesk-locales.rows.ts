import { type Rows, WEBSITE } from '../row.ts';

export const helpdeskLocales: Rows = {
  'website.listHelpdeskLocales': { call: (a) => [WEBSITE, a.page_number] },
  'website.addHelpdeskLocale': { call: (a) => [WEBSITE, a.locale] },
  'website.checkHelpdeskLocaleExists': { call: (a) => [WEBSITE, a.locale] },
  'website.resolveHelpdeskLocale': { call: (a) => [WEBSITE, a.locale] },
  'website.deleteHelpdeskLocale': { call: (a) => [WEBSITE, a.locale] },
  'website.requestHelpdeskContentRefresh': { call: (a) => [WEBSITE, a.locale, a.content_type] },
  'website.importExternalHelpdeskToLocale': {
    call: ({ locale, content_type, ...body }) => [WEBSITE, locale, content_type, body],
  },
  'website.exportHelpdeskLocaleArticles': { call: (a) => [WEBSITE, a.locale, a.content_type] },
};
