import { z } from 'zod';
import { InvalidData } from '../answer.ts';
import { ANALYTICS_SPLITS, MOST_ANALYTICS_PERIODS } from '../inferred.ts';
import type { Website } from '../website.ts';

/** Statistics of the sandbox: whatever the metric, how many conversations were created in each part of the period. */
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'should match format "date-time"');

export const Analytics = z.object({
  metric: z.string().min(1),
  type: z.string().min(1),
  date: z.object({
    from: instant,
    to: instant,
    split: z.enum(ANALYTICS_SPLITS),
    timezone: z.string().min(1),
  }),
});

const HOUR = 3_600_000;
const LENGTH = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR };

export function countConversations(website: Website, { date }: z.output<typeof Analytics>) {
  const from = Date.parse(date.from);
  const length = LENGTH[date.split];
  const periods = Math.ceil((Date.parse(date.to) - from) / length);
  if (periods < 1 || periods > MOST_ANALYTICS_PERIODS) throw new InvalidData('data.date should be a shorter period');
  const created = [...website.conversations.values()].map((conversation) => conversation.created_at);
  return Array.from({ length: periods }, (_, index) => {
    const start = from + index * length;
    const hits = created.filter((at) => at >= start && at < start + length).length;
    return {
      period: new Date(start).toISOString(),
      value: hits,
      split_by: '',
      hits,
      unique_hits: hits,
      sum_value: hits,
      sum_hits: hits,
    };
  });
}
