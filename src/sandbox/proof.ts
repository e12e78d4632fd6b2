import { z } from 'zod';
import { sameSecret } from './access.ts';
import { Refusal } from './answer.ts';
import type { SandboxState } from './state.ts';

/** What an owner sends before something grave: an object since 2024-10; a bare password is refused. */
export const Proof = z.object({ method: z.enum(['password', 'token', 'google']), secret: z.string().min(1) });

export function requireProof(state: SandboxState, proof: z.output<typeof Proof>): void {
  if (!sameSecret(proof.secret, state.ownerSecret)) throw new Refusal({ status: 423, reason: 'password_unverified' });
}
