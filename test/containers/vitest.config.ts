import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/containers/**/*.test.ts'],
    testTimeout: 180_000,
    // Building the image installs and compiles everything. Beside other suites, that takes minutes.
    hookTimeout: 900_000,
    fileParallelism: false,
  },
})
