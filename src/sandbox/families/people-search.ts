import { parseConditions, satisfies } from '../conditions.ts';
import { choice, withinDates } from '../query.ts';
import type { Person } from '../website.ts';

/** Which profiles a list shows, and in which order: the query parameters of List People Profiles. Pure. */
export function searchPeople(people: Iterable<Person>, query: URLSearchParams): readonly Person[] {
  const text = query.get('search_text')?.toLowerCase() ?? '';
  const filter = query.get('search_filter');
  const conditions = filter ? parseConditions(filter, 'data.search_filter') : [];
  const combine = choice(query, 'search_operator', ['and', 'or'], 'and');
  const within = withinDates(query);
  const found = [...people].filter(
    (person) =>
      within(person.updated_at) &&
      (text === '' || searchText(person).includes(text)) &&
      (conditions.length === 0 || satisfies(searchable(person), conditions, combine)),
  );
  return found.sort(order(query));
}

export function personView(person: Person): Readonly<Record<string, unknown>> {
  const { people_id, email, profile, active, score, created_at, updated_at } = person;
  return { people_id, email, ...profile, active, score, created_at, updated_at };
}

/** What conditions may ask about: the profile and custom data. */
export const searchable = (person: Person) => ({ ...personView(person), data: person.data });

const searchText = (person: Person): string =>
  `${person.email} ${JSON.stringify([person.profile.person, person.profile.company])}`.toLowerCase();

/** Without a sort field, the most recently changed come first. */
function order(query: URLSearchParams): (a: Person, b: Person) => number {
  const field = query.get('sort_field') ?? 'updated_at';
  const sign = choice(query, 'sort_order', ['ascending', 'descending'], 'descending') === 'ascending' ? 1 : -1;
  return (a, b) => sign * compare(sortKey(a, field), sortKey(b, field)) || compare(a.people_id, b.people_id);
}

function sortKey(person: Person, field: string): string | number {
  const parts = field.split('.');
  const value = parts.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    searchable(person),
  );
  return typeof value === 'number' ? value : typeof value === 'string' ? value.toLowerCase() : '';
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
