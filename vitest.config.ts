import { defineConfig } from 'vitest/config';

/**
 * Nine suites. `unit` needs nothing but Node and a minute; `surface` goes through all 229 operations and the SDK clients in
 * one process; `simulation` is the deterministic one; `clients` tests the gateway with
 * other people's MCP clients and the official conformance suite, which `npm test` installs into the cache; `image` builds the image, runs
 * what is in it and lints the workflows that release it; `chart` renders
 * the Helm chart and installs it on a real API server; `cluster` runs on real parts (etcd, kube-apiserver, Redis, kubectl)
 * which its global setup starts once for the whole run; `pods` installs the chart on a whole cluster.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/harness/**/*.test.ts',
            'test/cluster/**/*.test.ts',
            'test/catalog/lint.test.ts',
            'test/catalog/reference.test.ts',
          ],
          // One module graph a worker in place of one a file: less than half the CPU. No unit test leaves anything behind.
          isolate: false,
          testTimeout: 20_000,
          // What is waited for comes at once, but not on a machine that is busy with other things.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'surface',
          include: ['test/catalog/**/*.test.ts', 'test/round-trips/**/*.test.ts', 'test/clients/sdk/**/*.test.ts'],
          exclude: ['test/catalog/lint.test.ts', 'test/catalog/reference.test.ts'],
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'clients',
          include: ['test/clients/conformance/**/*.test.ts', 'test/clients/foreign/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      // Not part of `npm test`: docs/development.md.
      {
        test: {
          name: 'claude-code',
          include: ['test/clients/claude-code/**/*.test.ts'],
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'image',
          include: ['test/image/**/*.test.ts', 'test/workflows/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'chart',
          include: ['test/chart/**/*.test.ts'],
          globalSetup: ['test/harness/global-setup.ts'],
          setupFiles: ['test/harness/setup-file.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/conformance/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          globalSetup: ['test/harness/global-setup.ts'],
          setupFiles: ['test/harness/setup-file.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'pods',
          include: ['test/pods/**/*.test.ts'],
          globalSetup: ['test/pods/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // There is one cluster, and an install may have all of it.
          fileParallelism: false,
        },
      },
    ],
  },
});
