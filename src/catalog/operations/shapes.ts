import {
  type Arguments,
  choice,
  decimal,
  dictionary,
  type Field,
  list,
  matching,
  object,
  required,
  scalar,
  text,
  whole,
} from '../fields.ts';
import type { Problem } from '../operation.ts';

/** Shapes that operations of several families share. */
export const perPage: Field = whole('Items a page, default 20', { min: 20, max: 50 });

/** Items of a full page of a list that takes `per_page`. */
export function pageSize(args: Arguments): number {
  return typeof args.per_page === 'number' ? args.per_page : 20;
}

/** Conditions as Crisp's search takes them; which models and criteria exist is not published. */
export function searchFilter(description: string): Field {
  return list(
    description,
    object('', {
      model: required(text('Such as people or session')),
      criterion: required(text('Field, such as email or segments')),
      operator: required(text('Such as eq, neq, gte')),
      query: required(list('Values to compare with', scalar(''), { min: 1 })),
    }),
    { min: 1 },
  );
}

export const searchOperator: Field = choice('Between conditions; default and', ['or', 'and']);

export function messageOrigin(description: string): Field {
  return matching(`${description}: chat, email or urn:…`, '^(chat|email|urn:.+)$');
}

/** Where a change is shown to come from. */
export const changeOrigin: Field = text('Where it comes from, such as urn:acme:bot:0', { min: 1 });

/** Who a message or change is shown to come from. */
export function author(description: string): Field {
  return object(description, {
    type: text(''),
    user_id: text(''),
    nickname: text(''),
    avatar: text('URL'),
  });
}

export function customData(description: string): Field {
  return dictionary(description);
}

export const geolocation: Field = object('', {
  country: text(''),
  region: text(''),
  city: text(''),
  coordinates: object('', { latitude: decimal(''), longitude: decimal('') }),
});

/** For updates of which every field is optional: at least one beside `identifiers` must be there. */
export function nothingToChange(args: Arguments, identifiers: readonly string[]): readonly Problem[] {
  const given = Object.keys(args).filter((name) => name !== 'website_id' && !identifiers.includes(name));
  return given.length > 0 ? [] : [{ field: '(arguments)', message: 'nothing to change: pass at least one field' }];
}
