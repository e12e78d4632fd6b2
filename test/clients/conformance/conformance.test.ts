import { describe, expect, type TestContext, test } from 'vitest';
import { ALL_TOOLS } from '../../../src/catalog/catalog.ts';
import { readerWithRoute, routeRecord, success, TOKEN } from '../../../src/gateway/fakes.ts';
import { type FixtureOptions, startFixture } from '../../../src/gateway/gateway-fixture.ts';
import { clientsOrSkip } from '../installed.ts';
import { fixtureFeatures } from './fixture-features.ts';
import { CHANGING_TOOL, FIXTURE_TOOLS } from './fixture-tools.ts';
import { runSuite } from './suite.ts';

/**
 * The official suite against the real gateway on `/mcp/<token>`. The fixture tenant has the tools, prompts and resources
 * that the suite looks for by name, and exists here alone; the plain one is what a user gets.
 */
function startTenant(options: FixtureOptions) {
  return startFixture({ ...options, config: { publicHosts: ['127.0.0.1', 'localhost'] } });
}

function startConformanceTenant() {
  const reader = readerWithRoute();
  let hidden = false;
  const features = fixtureFeatures({
    changeTools: () => {
      hidden = !hidden;
      reader.put(TOKEN, routeRecord({ filter: hidden ? { except: [CHANGING_TOOL] } : {} }));
    },
  });
  return startTenant({
    reader,
    tools: FIXTURE_TOOLS,
    features,
    answer: ({ tool }) =>
      tool === 'test_error_handling'
        ? { kind: 'failure', code: 'upstream_error', message: 'This tool intentionally returns an error for testing' }
        : success('This is a simple text response for testing.'),
  });
}

async function expectToPass(
  context: TestContext,
  starting: ReturnType<typeof startTenant>,
  what: readonly string[],
  expectedFailures: readonly string[] = [],
): Promise<void> {
  await using fixture = await starting;
  const modules = await clientsOrSkip(context);
  const { exitCode, output } = await runSuite({
    modules,
    url: `${fixture.gateway.url}/mcp/${TOKEN}`,
    what,
    expectedFailures,
  });
  expect(exitCode, output).toBe(0);
}

describe('the fixture tenant', () => {
  test('passes all that 2026-07-28 requires, with nothing excused', async (context) => {
    await expectToPass(context, startConformanceTenant(), ['--requirements', '2026-07-28']);
  });

  test('passes all that 2025-11-25 requires, but for what needs a session', async (context) => {
    // Questions of the server to the client, and two streams of one session: a stateless server has neither.
    await expectToPass(
      context,
      startConformanceTenant(),
      ['--requirements', '2025-11-25'],
      [
        'tools-call-sampling',
        'tools-call-elicitation',
        'elicitation-sep1034-defaults',
        'elicitation-sep1330-enums',
        'server-sse-multiple-streams',
      ],
    );
  });
});

describe('a plain tenant', () => {
  const startPlainTenant = () => startTenant({ tools: ALL_TOOLS });
  const scenarios = [
    ['2025-11-25', 'server-initialize'],
    ['2025-11-25', 'ping'],
    ['2025-11-25', 'tools-list'],
    ['2025-11-25', 'prompts-list'],
    ['2025-11-25', 'dns-rebinding-protection'],
    ['2026-07-28', 'tools-list'],
    ['2026-07-28', 'prompts-list'],
    ['2026-07-28', 'http-header-validation'],
    ['2026-07-28', 'dns-rebinding-protection'],
    ['2026-07-28', 'server-sse-multiple-streams'],
    ['2026-07-28', 'sep-2164-resource-not-found'],
    ['2026-07-28', 'input-required-result-unsupported-methods'],
  ] as const;
  for (const [version, scenario] of scenarios) {
    test(`passes ${scenario} at ${version}`, async (context) => {
      await expectToPass(context, startPlainTenant(), ['--scenario', scenario, '--spec-version', version]);
    });
  }

  test('passes server-stateless, but for what only tools of the fixture could show', async (context) => {
    await expectToPass(
      context,
      startPlainTenant(),
      ['--scenario', 'server-stateless', '--spec-version', '2026-07-28'],
      [
        'server-stateless:sep-2575-server-rejects-undeclared-capability',
        'server-stateless:sep-2575-missing-capability-http-400',
        'server-stateless:sep-2575-http-server-no-independent-requests-on-stream',
        'server-stateless:sep-2575-server-no-log-without-loglevel',
        'server-stateless:sep-2575-server-sends-tools-list-changed-on-subscription',
      ],
    );
  });
});
