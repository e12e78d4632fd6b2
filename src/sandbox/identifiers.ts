import { type Random, uuid } from '../process/random.ts';

/** Crisp's identifier forms, drawn from the given source so that a seeded one repeats them. */
export const sessionId = (random: Random): string => `session_${uuid(random)}`;

/** 64 hexadecimal digits, as Crisp's keys look. */
export const secretKey = (random: Random): string => random.bytes(32).toString('hex');
