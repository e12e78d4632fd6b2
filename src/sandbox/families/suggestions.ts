import { Refusal } from '../answer.ts';
import type { Call } from '../handler.ts';
import { SUGGESTION_NOT_FOUND } from '../inferred.ts';

/**
 * What is suggested: the texts in use, without those that were deleted from the suggestions. `kind` names the list among
 * all of the website, `name` the member that holds the text.
 */
export function suggestions(call: Call, kind: string, name: string, lists: readonly unknown[]) {
  const forgotten = call.website.forgottenSuggestions;
  return mostFrequent(name, lists).filter((suggestion) => !forgotten.has(`${kind} ${suggestion[name]}`));
}

/** Deletes one of what is suggested; what it was counted from stays as it is. */
export function forgetSuggestion(
  call: Call,
  kind: string,
  text: string,
  suggested: readonly Readonly<Record<string, unknown>>[],
): void {
  const known = suggested.some((suggestion) => Object.values(suggestion).includes(text));
  if (!known) throw new Refusal(SUGGESTION_NOT_FOUND);
  call.website.forgottenSuggestions.add(`${kind} ${text}`);
}

/** Counts how often each text occurs over many lists, most frequent first: Crisp's `suggest` routes. Pure. */
export function mostFrequent(name: string, lists: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  const counts = new Map<string, number>();
  for (const text of lists.flatMap((list) => (Array.isArray(list) ? list : []))) {
    if (typeof text === 'string') counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, times], [b, otherTimes]) => otherTimes - times || (a < b ? -1 : 1))
    .map(([text, count]) => ({ [name]: text, count }));
}
