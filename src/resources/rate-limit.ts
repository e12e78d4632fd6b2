import { z } from 'zod';

/**
 * How many tool calls a minute a server, or all servers of an account together, may make. One shape for both kinds.
 */
export const rateLimitSchema = (whose: string) =>
  z
    .object({
      requestsPerMinute: z
        .int()
        .min(1)
        .max(100_000)
        .meta({ description: 'Tool calls that are allowed a minute, on all gateways together.' }),
      burst: z.int().min(1).max(100_000).optional().meta({
        description:
          'Tool calls that may come at once after a pause. At most requestsPerMinute. Default: a sixth of it, but at least 10.',
      }),
    })
    .meta({
      description: `How often ${whose} may call tools. Beyond it a call is refused with HTTP 429 and the time to wait. Each gateway grants its share, so a client that stays on one of several gets that share. Listing tools and connecting have a larger allowance of their own. Default: not limited.`,
      'x-kubernetes-validations': [
        {
          rule: '!has(self.burst) || self.burst <= self.requestsPerMinute',
          message: 'rateLimit.burst is larger than requestsPerMinute',
        },
      ],
    });

/** A limit with its default filled in. */
export interface EffectiveRateLimit {
  perMinute: number;
  burst: number;
}

export function effectiveRateLimit(
  spec: { requestsPerMinute: number; burst?: number | undefined } | undefined,
): EffectiveRateLimit | undefined {
  if (spec === undefined) return undefined;
  const perMinute = spec.requestsPerMinute;
  const usual = Math.max(10, Math.ceil(perMinute / 6));
  return { perMinute, burst: Math.min(spec.burst ?? usual, perMinute) };
}
