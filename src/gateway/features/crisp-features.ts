import type { Features } from './features.ts';

export function createCrispFeatures(): Features {
  return { capabilities: () => ({}), register: () => undefined };
}
