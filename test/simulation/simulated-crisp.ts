import type { CredentialChecker, CredentialVerdict } from '../../src/crisp/outcome.ts';
import { delay } from '../../src/process/clock.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** What Crisp says of a credential depends on its key alone, when it answers at all. */
export function accepts(key: string): boolean {
  return key.startsWith('good');
}

/** Crisp, as one operator asks it. */
export function simulatedCrisp(process: SimulatedProcess, onAsked: () => void): CredentialChecker {
  return {
    async check({ credential }): Promise<CredentialVerdict> {
      onAsked();
      const { weather, chance, clock } = process;
      if (!weather.calm) await delay(clock, chance.between(0, 50));
      await process.cross();
      if (!weather.calm && weather.crisp === 'hangs') await delay(clock, 60_000);
      if (!weather.calm && weather.crisp === 'unknown') {
        return { kind: 'unknown', message: 'Crisp did not answer.', retryAfterSeconds: chance.between(0, 20) };
      }
      return accepts(credential.key) ? { kind: 'accepted' } : { kind: 'refused', message: 'Crisp refuses the token.' };
    },
  };
}
