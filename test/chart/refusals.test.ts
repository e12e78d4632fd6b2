import { expect, test } from 'vitest';
import { renderText } from '../../scripts/chart/render.ts';

/** Wrong values, and the words that a person reads then: from the schema, or from the chart's own checks. */
const GOOD = { publicUrl: 'https://mcp.example.com' };

test.each<[string, object, RegExp]>([
  ['a misspelt value', { ...GOOD, gatway: {} }, /additional properties 'gatway' not allowed/],
  [
    'a misspelt value deep down',
    { ...GOOD, gateway: { audit: { plce: 'none' } } },
    /gateway\/audit.*'plce' not allowed/s,
  ],
  ['a word for a number', { ...GOOD, operator: { replicas: 'two' } }, /operator\/replicas.*want integer/s],
  [
    'a number out of range',
    { ...GOOD, gateway: { service: { port: 70_000 } } },
    /service\/port.*maximum.*70,?000.*65,?535/s,
  ],
  ['none of the choices', { ...GOOD, redis: { mode: 'memory' } }, /redis\/mode.*one of 'embedded', 'existing'/s],
  ['a public URL without a scheme', { publicUrl: 'mcp.example.com' }, /publicUrl.*does not match pattern/s],
])('%s is refused by the schema, which names it', async (_what, values, words) => {
  await expect(renderText({ values })).rejects.toThrow(words);
});

test.each<[string, object, RegExp]>([
  ['no public URL', {}, /publicUrl is missing.*--set publicUrl=https/],
  [
    'no Redis',
    { ...GOOD, redis: { mode: 'existing' } },
    /no Redis is named: set redis.existing.operatorUrlSecret.name/,
  ],
  [
    'a password among the values',
    { ...GOOD, redis: { mode: 'existing', existing: { url: 'redis://u:secret@redis' } } },
    /holds a password.*redis.existing.operatorUrlSecret.name/,
  ],
  [
    'a URL for the gateway alone',
    { ...GOOD, redis: { mode: 'existing', existing: { gatewayUrlSecret: { name: 'x' } } } },
    /set redis.existing.operatorUrlSecret.name/,
  ],
  [
    'an HTTPRoute without a Gateway',
    { ...GOOD, httpRoute: { enabled: true } },
    /httpRoute.parentRefs names no Gateway/,
  ],
  [
    'an Ingress below a path',
    { publicUrl: 'https://example.com/mcp', ingress: { enabled: true } },
    /publicUrl has a path.*use httpRoute/,
  ],
  [
    'a required audit that goes nowhere',
    { ...GOOD, gateway: { audit: { place: 'none', required: true } } },
    /gateway.audit.required is true.*choose stdout or redis/,
  ],
  [
    'more gateways at least than at most',
    { ...GOOD, gateway: { autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 2 } } },
    /minReplicas is greater than maxReplicas/,
  ],
])('%s is refused with a remedy', async (_what, values, words) => {
  await expect(renderText({ values })).rejects.toThrow(words);
});

test('no message repeats the password that it refuses', async () => {
  const existing = { url: 'redis://u:swordfish@redis' };
  const words = await renderText({ values: { ...GOOD, redis: { mode: 'existing', existing } } }).catch(String);
  expect(words).not.toContain('swordfish');
});
