import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/documents/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Each test is some processes, which mostly wait.
    maxWorkers: availableParallelism() + 1,
    sequence: { concurrent: true },
    maxConcurrency: 2,
  },
})
