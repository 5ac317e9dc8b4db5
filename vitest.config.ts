import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Named here, Node's cache of compiled modules serves the workers too, and every module of the processes that tests start.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache')

/** Processes of a build machine meet load that nobody chose. A test that fails there is tried once more, and shown as such. */
const retry = process.env['CI'] === undefined ? 0 : 1

export default defineConfig({
  test: {
    // Only a test that hangs should time out: a shared machine may be many times slower.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most tests wait most of the time: for a run to end, a token to expire, a lost connection to be noticed.
    maxWorkers: availableParallelism() + 2,
    // Projects start in the order of their names, so the files that take longest start first.
    projects: [
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['test/e2e/cli/**/*.test.ts'],
          testTimeout: 120_000,
          retry,
          // Each test starts processes and waits for them. Starting one takes a second of CPU time, so only a few may start at once.
          sequence: { concurrent: true },
          maxConcurrency: 2,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/{harness,labs,target}/**/*.test.ts'], isolate: false, retry },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,property,conformance}/**/*.test.ts'],
          // Tests leave no state behind, so files share the modules that are loaded already.
          isolate: false,
        },
      },
    ],
  },
})
