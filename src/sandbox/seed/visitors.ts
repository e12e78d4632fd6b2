import { type Random, uuid } from '../../process/random.ts';
import { sessionId } from '../identifiers.ts';
import { BLOCKING_RULES } from '../inferred.ts';
import type { Conversation, Place, Visitor } from '../website.ts';

/**
 * Who is on the website right now: the visitors of the latest conversations, who are shown online there, and some who
 * only look around.
 */
const IN_CONVERSATION = 3;
const USERAGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const BASE = 'https://acme-analytics.example.com';

const place = (city: string, region: string, country: string, latitude: number, longitude: number): Place => ({
  coordinates: { latitude, longitude },
  city,
  region,
  country,
});

const PLACES = [
  place('Nantes', 'Pays de la Loire', 'FR', 47.22, -1.55),
  place('Porto', 'Norte', 'PT', 41.15, -8.61),
  place('Leeds', 'England', 'GB', 53.8, -1.55),
] as const;

const PAGES = [
  { page_title: 'Pricing', page_url: `${BASE}/pricing` },
  { page_title: 'Boards', page_url: `${BASE}/app/boards` },
  { page_title: 'Changelog', page_url: `${BASE}/changelog` },
] as const;

export function seedVisitors(random: Random, conversations: readonly Conversation[]): readonly Visitor[] {
  const latest = conversations.toSorted((a, b) => b.updated_at - a.updated_at).slice(0, IN_CONVERSATION);
  const inConversation = latest.map((conversation, index) => {
    conversation.availability = 'online';
    conversation.active = { now: true, last: conversation.updated_at };
    const { session_id, meta } = conversation;
    return visitor(random, index, { session_id, nickname: String(meta.nickname), email: String(meta.email) });
  });
  const others = PAGES.map((_page, index) => {
    const session_id = sessionId(random);
    return visitor(random, index, { session_id, nickname: `visitor${session_id.slice(-6)}`, email: '' });
  });
  return [...inConversation, ...others];
}

/** How many visitors each rule has kept out. */
export const BLOCKED_VISITORS: readonly (readonly [string, number])[] = BLOCKING_RULES.map((rule, index) => [
  rule,
  3 + index,
]);

function visitor(random: Random, index: number, who: { session_id: string; nickname: string; email: string }): Visitor {
  return {
    ...who,
    token: uuid(random),
    avatar: '',
    useragent: USERAGENT,
    active: index !== 1,
    last_page: PAGES[index % PAGES.length] ?? PAGES[0],
    geolocation: PLACES[index % PLACES.length] ?? PLACES[0],
    timezone: 60,
    capabilities: ['browsing', 'call'],
    locales: ['en'],
  };
}
