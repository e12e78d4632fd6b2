import { expect, test } from 'vitest';
import { distance } from './distance.ts';

const PARIS = { latitude: 48.8566, longitude: 2.3522 };

test.each([
  ['itself', PARIS, 0],
  ['London', { latitude: 51.5074, longitude: -0.1278 }, 344],
  ['the other side of the earth', { latitude: -48.8566, longitude: -177.6478 }, 20_015],
  ['a place across the antimeridian', { latitude: 48.8566, longitude: 362.3522 }, 0],
])('from Paris to %s', (_name, there, kilometres) => {
  expect(distance(PARIS, there)).toBeCloseTo(kilometres, -1);
});
