import { defineConfig } from 'vitest/config'

// Whole engines, other processes and thread torture: they need the two cores that CI has for themselves.
const heavy = ['test/system/**/*.test.ts', 'test/simulation/{smoke,mutants,fault-kinds}.test.ts', 'test/memory/torture.test.ts', 'test/model/gate.test.ts', 'test/exchange/bybit/exchange-process.test.ts']
const common = { testTimeout: 20_000, hookTimeout: 20_000, pool: 'forks' as const }

export default defineConfig({
  test: {
    globalSetup: ['test/storage/support/global-setup.ts'],
    projects: [
      { test: { ...common, name: 'rooms', include: ['test/**/*.test.ts'], exclude: heavy, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { test: { ...common, name: 'whole', include: heavy, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
})
