import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/matrix/**/*.test.ts'],
    testTimeout: 300_000,
    // Two processes each; more would disturb each other.
    maxConcurrency: 2,
  },
})
