import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 30_000,
    // Each load tool may use a core of its own.
    maxConcurrency: 2,
  },
})
