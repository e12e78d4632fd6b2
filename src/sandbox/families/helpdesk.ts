import { z } from 'zod';
import { acted, added, deleted, page, Refusal, resolved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { CHANGE_NOT_FOUND, HELPDESK_LOCALE_NOT_FOUND, TREE_GROUP } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { HelpdeskChange } from '../website.ts';
import { cancelChange, changeView } from './helpdesk-changes.ts';

/** The helpdesk around its tree: the helpdesk itself, its locales, and the history of changes. */
export const helpdesk: Handlers = {
  'website.checkHelpdeskExists': () => resolved({}),
  'website.resolveHelpdesk': ({ website }) => resolved({ name: website.helpdesk.name, url: website.helpdesk.url }),

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

  'website.listHelpdeskHistoryChanges': (call) => {
    const sought = { locale: 'filter_locale', contentType: 'filter_type' } as const;
    const path = call.query.get('filter_tree_path');
    const found = call.website.helpdesk.changes
      .filter((change) => matches(call.query.get(sought.locale), change.locale))
      .filter((change) => matches(call.query.get(sought.contentType), change.contentType))
      .filter((change) => change.files.some((file) => matches(path, file.path)));
    return page(pageOf(call, found).map(changeView));
  },
  'website.resolveHelpdeskHistoryChange': (call) => resolved(changeView(findChange(call))),
  'website.cancelHelpdeskHistoryChange': (call) => {
    const change = findChange(call);
    parseBody(Cancel, call.body);
    cancelChange(call, change);
    return deleted();
  },
  'website.requestHelpdeskContentRefresh': (call) => {
    findLocale(call);
    return acted();
  },
};

const NewLocale = z.object({ locale: z.string().regex(/^[a-z]{2,3}(-[a-z]{2,4})?$/) });
const Cancel = z.object({ action: z.string() });

const matches = (wanted: string | null, value: string): boolean => wanted === null || wanted === '' || wanted === value;

function findLocale(call: Call): string {
  const locale = param(call, 'locale');
  if (!call.website.helpdesk.locales.has(locale)) throw new Refusal(HELPDESK_LOCALE_NOT_FOUND);
  return locale;
}

function findChange(call: Call): HelpdeskChange {
  const id = param(call, 'change_id');
  const change = call.website.helpdesk.changes.find((other) => other.change_id === id);
  if (change === undefined) throw new Refusal(CHANGE_NOT_FOUND);
  return change;
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
