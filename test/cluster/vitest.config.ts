import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 30_000,
    // Each run has several processes, and a machine may have two cores.
    fileParallelism: false,
  },
})
