import { defineConfig } from 'vitest/config'

// Two cores are all that CI has: one file at a time keeps timing-sensitive process tests honest,
// while unit files are short enough not to miss the second core.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
