import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from '@marcbachmann/cel-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { KIND_DEFINITIONS } from '../../src/resources/definitions.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';
import { type HealthState, healthStates } from './health-states.ts';

/**
 * What Argo CD and Flux make of every state of our resources: the shipped script and expressions over objects that a
 * running operator left. Lua 5.1, which Argo CD speaks, is the one inside Redis, also without files and processes.
 */
let redis: RedisServer;
let states: ReadonlyMap<string, HealthState>;

const NAMES = [
  ...['server just created', 'account just created', 'server ready', 'account ready', 'server expired tombstone'],
  ...['server suspended', 'server stalled', 'account stalled', 'server without its account', 'server without tools'],
  ...['account without its Secret', 'server reconciling', 'server expired and retained'],
  ...['server edited and not yet looked at', 'server deleting'],
];

beforeAll(async () => {
  [redis, states] = await Promise.all([startRedis({ name: 'lua' }), healthStates()]);
});

test('the table is complete, and each status is the operator’s own', () => {
  expect([...states.keys()].sort()).toEqual([...NAMES].sort());
  for (const [name, { object, reason }] of states) expect(object.status?.reason ?? '', name).toBe(reason);
});

describe('Argo CD', () => {
  test.each(NAMES)('%s', async (name) => {
    const state = stateOf(name);
    const health = await argocdHealth(state.object);
    expect(health.status).toBe(state.argocd);
    expect(health.message).toMatch(/.{20,}/s);
  });

  test('takes the script from its ConfigMap for every kind there is', () => {
    const { data } = z.object({ data: z.record(z.string(), z.string()) }).parse(manifest('argocd/argocd-cm.yaml'));
    const script = readFileSync(join(PROJECT_ROOT, 'deploy/argocd/health.lua'), 'utf8');
    expect(Object.keys(data)).toEqual(
      KIND_DEFINITIONS.map(({ type }) => `resource.customizations.health.${type.group}_${type.kind}`),
    );
    expect(new Set(Object.values(data))).toEqual(new Set([script]));
  });
});

describe('Flux', () => {
  test.each(NAMES)('%s', (name) => {
    const state = stateOf(name);
    expect(fluxHealth(state.object)).toBe(state.flux);
  });

  test('has expressions for every kind there is', () => {
    const kinds = healthCheckExprs().map(({ kind }) => kind);
    expect(kinds).toEqual(KIND_DEFINITIONS.map(({ type }) => type.kind));
  });
});

function stateOf(name: string): HealthState {
  const state = states.get(name);
  if (state === undefined) throw new Error(`There is no state "${name}"`);
  return state;
}

const Health = z.object({ status: z.string(), message: z.string() });

/** As Argo CD does it: the object is in `obj`, the script returns a table. */
async function argocdHealth(object: object): Promise<z.infer<typeof Health>> {
  const script = readFileSync(join(PROJECT_ROOT, 'deploy/argocd/health.lua'), 'utf8');
  const wrapped = [
    "if _VERSION ~= 'Lua 5.1' then return _VERSION end",
    'local obj = cjson.decode(ARGV[1])',
    `local function health()\n${script}\nend`,
    'return cjson.encode(health())',
  ].join('\n');
  return Health.parse(JSON.parse(String(await redis.command('EVAL', wrapped, 0, JSON.stringify(object)))));
}

const Kustomization = z.object({
  spec: z.object({
    healthCheckExprs: z.array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        inProgress: z.string(),
        failed: z.string(),
        current: z.string(),
      }),
    ),
  }),
});

function healthCheckExprs() {
  return Kustomization.parse(manifest('flux/kustomization.yaml')).spec.healthCheckExprs;
}

/** As Flux does it: first the generation, then the expressions in its order; the object's fields are the variables. */
function fluxHealth(object: HealthState['object']): HealthState['flux'] {
  const observed = object.status?.observedGeneration;
  if (observed !== undefined && observed !== object.metadata.generation) return 'InProgress';
  const expressions = healthCheckExprs().find(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind,
  );
  if (expressions === undefined) throw new Error(`No expressions for ${object.kind}`);
  const holds = (expression: string) => evaluate(expression, { ...object }) === true;
  if (holds(expressions.inProgress)) return 'InProgress';
  if (holds(expressions.failed)) return 'Failed';
  return holds(expressions.current) ? 'Current' : 'InProgress';
}

function manifest(path: string): unknown {
  return parse(readFileSync(join(PROJECT_ROOT, 'deploy', path), 'utf8'));
}
