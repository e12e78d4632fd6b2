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
