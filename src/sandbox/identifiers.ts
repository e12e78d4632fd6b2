import type { Random } from '../process/random.ts';

/** Crisp's identifier forms, drawn from the given source so that a seeded one repeats them. */
export function uuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export const sessionId = (random: Random): string => `session_${uuid(random)}`;

/** 64 hexadecimal digits, as Crisp's keys look. */
export const secretKey = (random: Random): string => random.bytes(32).toString('hex');
