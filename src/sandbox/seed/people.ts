import { type Random, uuid } from '../../process/random.ts';
import type { CustomEvent, Person } from '../website.ts';

/** The customers of Acme Analytics: invented names at example domains, sixty of them over a dozen companies. */
const FIRST_NAMES = [
  'Alba',
  'Bence',
  'Camille',
  'Dario',
  'Elif',
  'Fionn',
  'Greta',
  'Hugo',
  'Imke',
  'Jamal',
  'Katya',
  'Lorenzo',
  'Maud',
  'Nils',
  'Orla',
  'Pavel',
  'Quinn',
  'Rosa',
  'Sven',
  'Tamsin',
  'Umar',
  'Vera',
  'Wanda',
  'Xenia',
  'Yusuf',
  'Zoe',
  'Anouk',
  'Bram',
  'Clio',
  'Desmond',
] as const;
const LAST_NAMES = [
  'Abendroth',
  'Bellweather',
  'Castellan',
  'Drummel',
  'Eastlake',
  'Fennimore',
  'Grauwald',
  'Hollins',
  'Ilves',
  'Jarrow',
] as const;
const COMPANIES = [
  { name: 'Brightloom Textiles', slug: 'brightloom', employees: 120, country: 'FR', city: 'Lyon' },
  { name: 'Harbor & Pine', slug: 'harborpine', employees: 35, country: 'US', city: 'Portland' },
  { name: 'Kestrel Freight', slug: 'kestrelfreight', employees: 410, country: 'GB', city: 'Hull' },
  { name: 'Lumen Dental', slug: 'lumendental', employees: 18, country: 'DE', city: 'Leipzig' },
  { name: 'Mossgate Foods', slug: 'mossgate', employees: 260, country: 'IE', city: 'Cork' },
  { name: 'Nordlicht Energie', slug: 'nordlicht', employees: 75, country: 'DE', city: 'Kiel' },
  { name: 'Olive Street Books', slug: 'olivestreet', employees: 9, country: 'US', city: 'Austin' },
  { name: 'Pontbleu Voyages', slug: 'pontbleu', employees: 52, country: 'FR', city: 'Nantes' },
  { name: 'Quarry Labs', slug: 'quarrylabs', employees: 28, country: 'NL', city: 'Utrecht' },
  { name: 'Rookery Games', slug: 'rookery', employees: 44, country: 'SE', city: 'Malmö' },
] as const;
const PLANS = ['free', 'starter', 'pro', 'business'] as const;
const ROLES = [
  'Data analyst',
  'Head of operations',
  'Marketing manager',
  'Founder',
  'Finance lead',
  'Engineer',
] as const;
const EVENTS = [
  { text: 'Signed up', color: 'green' },
  { text: 'Created a dashboard', color: 'blue' },
  { text: 'Invited a teammate', color: 'purple' },
  { text: 'Upgraded plan', color: 'green' },
  { text: 'Export failed', color: 'red' },
] as const;

const PEOPLE = 60;
const DAY = 24 * 3_600_000;

export function seedPeople(random: Random, now: number): readonly Person[] {
  return Array.from({ length: PEOPLE }, (_, index) => seedPerson(random, now, index));
}

function seedPerson(random: Random, now: number, index: number): Person {
  const first = at(FIRST_NAMES, index);
  const last = at(LAST_NAMES, index + Math.floor(index / FIRST_NAMES.length) * 3);
  const company = at(COMPANIES, index * 7 + Math.floor(index / COMPANIES.length));
  const plan = pick(random, PLANS);
  const created_at = now - Math.floor((30 + random.fraction() * 700) * DAY);
  const seen = now - Math.floor(random.fraction() * 40 * DAY);
  return {
    people_id: uuid(random),
    email: `${first}.${last}@${company.slug}.example.com`.toLowerCase(),
    profile: {
      person: {
        nickname: `${first} ${last}`,
        avatar: '',
        timezone: 60,
        locales: [company.country === 'FR' ? 'fr' : 'en'],
        employment: { name: company.name, domain: `${company.slug}.example.com`, title: pick(random, ROLES) },
        geolocation: { country: company.country, city: company.city },
      },
      company: {
        name: company.name,
        domain: `${company.slug}.example.com`,
        url: `https://${company.slug}.example.com`,
        metrics: { employees: company.employees },
        geolocation: { country: company.country, city: company.city },
      },
      segments: segmentsOf(plan, index),
      notepad: index % 9 === 0 ? 'Prefers e-mail over chat.' : '',
    },
    active: { now: false, last: seen },
    score: Math.round(random.fraction() * 100),
    created_at,
    updated_at: seen,
    data: { plan, seats: 1 + Math.floor(random.fraction() * 40), beta: index % 6 === 0, source: pick(random, SOURCES) },
    events: seedEvents(random, now, created_at, index),
    subscribed: index % 8 !== 0,
  };
}

const SOURCES = ['website', 'referral', 'marketplace', 'import'] as const;

function segmentsOf(plan: string, index: number): readonly string[] {
  return [
    plan === 'free' ? 'trial' : 'customer',
    ...(plan === 'business' ? ['vip'] : []),
    ...(index % 6 === 0 ? ['beta'] : []),
    ...(index % 10 === 3 ? ['churn-risk'] : []),
  ];
}

/** Newest first. */
function seedEvents(random: Random, now: number, since: number, index: number): CustomEvent[] {
  const count = 1 + (index % EVENTS.length);
  return EVENTS.slice(0, count)
    .map((event, order) => ({ ...event, data: {}, timestamp: since + Math.floor(((now - since) * order) / count) }))
    .map((event) => ({ ...event, timestamp: event.timestamp + Math.floor(random.fraction() * 3_600_000) }))
    .reverse();
}

/** The element at `index`, counting round. */
export function at<const Items extends readonly [unknown, ...unknown[]]>(items: Items, index: number): Items[number] {
  return items[index % items.length] ?? items[0];
}

function pick<const Items extends readonly [unknown, ...unknown[]]>(random: Random, items: Items): Items[number] {
  return at(items, Math.floor(random.fraction() * items.length));
}
