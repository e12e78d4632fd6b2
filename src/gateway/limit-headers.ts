/**
 * A rate limit as response headers: the three separate fields that most clients read, and the structured fields of the
 * IETF draft (`RateLimit`, `RateLimit-Policy`) as far as what they demand is known.
 */
export interface StatedLimit {
  readonly limit?: number;
  readonly remaining?: number;
  readonly resetSeconds?: number;
  /** Length of the window that `limit` counts in. */
  readonly windowSeconds?: number;
}

export function limitHeaders({ limit, remaining, resetSeconds, windowSeconds }: StatedLimit): readonly string[] {
  const headers: string[] = [];
  const add = (name: string, value: number | undefined) => {
    if (value !== undefined) headers.push(name, String(Math.ceil(value)));
  };
  add('ratelimit-limit', limit);
  add('ratelimit-remaining', remaining);
  add('ratelimit-reset', resetSeconds);
  if (limit !== undefined && remaining !== undefined && resetSeconds !== undefined) {
    const window = windowSeconds === undefined ? '' : `;w=${Math.ceil(windowSeconds)}`;
    headers.push('ratelimit-policy', `"default";q=${Math.ceil(limit)}${window}`);
    headers.push('ratelimit', `"default";r=${Math.ceil(remaining)};t=${Math.ceil(resetSeconds)}`);
  }
  return headers;
}
