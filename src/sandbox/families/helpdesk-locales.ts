import { z } from 'zod';
import { acted, added, deleted, page, Refusal, resolved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { HELPDESK_LOCALE_NOT_FOUND, TREE_GROUP } from '../inferred.ts';
import { pageOf } from '../query.ts';
import { checkContentType } from './helpdesk-nodes.ts';

/** The languages of the helpdesk, and what is done with all articles of one at once. */
export const helpdeskLocales: Handlers = {
  'website.listHelpdeskLocales': (call) =>
    page(
      pageOf(
        call,
        [...call.website.helpdesk.locales.keys()].map((locale) => localeView(call, locale)),
      ),
    ),
  'website.addHelpdeskLocale': (call) => {
    const { locale } = parseBody(NewLocale, call.body);
    const { locales } = call.website.helpdesk;
    if (!locales.has(locale)) locales.set(locale, { locale_id: call.state.newId(), locale });
    return added();
  },
  'website.checkHelpdeskLocaleExists': (call) => {
    findLocale(call);
    return resolved({});
  },
  'website.resolveHelpdeskLocale': (call) => resolved(localeView(call, findLocale(call))),
  'website.deleteHelpdeskLocale': (call) => {
    const locale = findLocale(call);
    const { locales, nodes } = call.website.helpdesk;
    locales.delete(locale);
    for (const key of [...nodes.keys()]) if (key.startsWith(`${locale}/`)) nodes.delete(key);
    return deleted();
  },

  'website.requestHelpdeskContentRefresh': (call) => {
    findPart(call);
    return acted();
  },
  /** Nothing is fetched, so nothing is imported. */
  'website.importExternalHelpdeskToLocale': (call) => {
    findPart(call);
    parseBody(Import, call.body);
    return acted();
  },
  'website.exportHelpdeskLocaleArticles': (call) => {
    findPart(call);
    return acted();
  },
};

const NewLocale = z.object({ locale: z.string().regex(/^[a-z]{2,3}(-[a-z]{2,4})?$/) });
const Import = z.strictObject({
  helpdesk_url: z.url(),
  detect_locales: z.boolean().optional(),
  other_locales: z.array(z.string()).optional(),
});

/** The locale and content type that the path names. */
export function findPart(call: Call): { locale: string; contentType: string } {
  const contentType = checkContentType(param(call, 'content_type'));
  return { locale: findLocale(call), contentType };
}

function findLocale(call: Call): string {
  const locale = param(call, 'locale');
  if (!call.website.helpdesk.locales.has(locale)) throw new Refusal(HELPDESK_LOCALE_NOT_FOUND);
  return locale;
}

function localeView(call: Call, locale: string) {
  const { helpdesk: base } = call.website;
  const nodes = [...base.nodes.values()].filter((node) => node.locale === locale);
  const count = (contentType: string) => {
    const groups = nodes.filter((node) => node.contentType === contentType && node.type === TREE_GROUP).length;
    return { entries: nodes.filter((node) => node.contentType === contentType).length - groups, groups };
  };
  const articles = count('articles');
  return {
    locale_id: base.locales.get(locale)?.locale_id ?? '',
    locale,
    url: `${base.url}${locale}/`,
    statistics: { articles, guides: count('guides'), references: count('references'), news: count('news') },
    articles: articles.entries,
    categories: articles.groups,
  };
}
