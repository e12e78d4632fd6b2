import { expect, test } from 'vitest';
import { KIND_DEFINITIONS } from '../../resources/definitions.ts';
import { CelError, compileRule } from './cel-rule.ts';
import { schemaOf } from './structural-schema.ts';

test.each([
  ['self == oldSelf', 'a', 'a', true],
  ['self == oldSelf', { b: [1], a: 1 }, { a: 1, b: [1] }, true],
  ['self == oldSelf', [1, 2], [2, 1], false],
  ['size(self) > 0', [], undefined, false],
  ['size(self) > 0', ['x'], undefined, true],
  ['size(self) <= 2', 'äöü', undefined, false],
  ['has(self.x) == has(oldSelf.x)', { x: 1 }, {}, false],
  ['has(self.x) == has(oldSelf.x)', {}, {}, true],
  ['!has(self.a) || has(self.b)', { a: 1 }, undefined, false],
  ['!has(self.a) || has(self.b)', { a: 1, b: 1 }, undefined, true],
  ['!has(self.burst) || self.burst <= self.perMinute', { perMinute: 5, burst: 6 }, undefined, false],
  ['!has(self.burst) || self.burst <= self.perMinute', { perMinute: 5 }, undefined, true],
  ["'connect' in self.scopes && size(self.servers) > 0", { scopes: ['connect'], servers: ['x'] }, undefined, true],
  ["self.scopes.exists(s, s == 'connect')", { scopes: ['read'] }, undefined, false],
  ["self.all(t, t != '')", ['a', ''], undefined, false],
  ['(self.a > 1 && self.a < 3) == true', { a: 2 }, undefined, true],
  ['self in [\'a\', "b"]', 'b', undefined, true],
  ['self.missing == 1', {}, undefined, false],
])('the rule %s on %j after %j is %s', (rule, self, oldSelf, holds) => {
  expect(compileRule(rule).holds(self, oldSelf)).toBe(holds);
});

test.each(['self.matches("x")', 'self ==', 'duration(self) > 1', 'self ? 1 : 2', '"open', 'self self'])(
  'a rule beyond the part that is evaluated fails at once: %s',
  (rule) => {
    expect(() => compileRule(rule)).toThrow(CelError);
  },
);

test('every rule of our kinds can be evaluated', () => {
  for (const { spec, status } of KIND_DEFINITIONS) expect(() => [schemaOf(spec), schemaOf(status)]).not.toThrow();
});
