import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // For what hangs: a machine that is shared may be many times slower.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // What is slow here waits: for a run to end, a token to run out, a connection to be missed.
    maxWorkers: availableParallelism() + 1,
    // The longest first: projects take their turn in the order of their names.
    projects: [
      {
        extends: true,
        // Each test is some processes of its own.
        test: { name: 'cli', include: ['test/e2e/cli/**/*.test.ts'], testTimeout: 120_000, maxConcurrency: 3 },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/{harness,target}/**/*.test.ts'], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,property,conformance}/**/*.test.ts'],
          // They leave nothing behind that the next would see, and need not load the tree anew each.
          isolate: false,
        },
      },
    ],
  },
})
