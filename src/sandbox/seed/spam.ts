import { type Random, uuid } from '../../process/random.ts';
import type { Spam } from '../website.ts';

/** What the junk filter of Acme Analytics held back. */
const HOUR = 3_600_000;
const HELD_BACK = [
  { from: 'winner@lottery.example.com', subject: 'You have won', text: 'Claim your prize today.' },
  { from: 'seo@rankings.example.com', subject: 'Your rankings', text: 'We can bring you to the first page.' },
  { from: 'no-reply@invoices.example.com', subject: 'Overdue invoice', text: 'See the attached file.' },
] as const;

export function seedSpams(random: Random, now: number): readonly Spam[] {
  return HELD_BACK.map(({ from, subject, text }, index) => ({
    spam_id: uuid(random),
    type: 'email',
    reason: 'junk',
    metadata: { from, subject },
    headers: { from, subject, 'message-id': `<${index}@${from.split('@')[1]}>` },
    content: { text },
    timestamp: now - (index + 1) * 5 * HOUR,
  }));
}
