import type { CliActions } from '../src/cli/index.ts'

/** What the commands do; each is loaded when it is asked for, so that `--help` answers at once. */
export const actions: CliActions = {
  run: async (request) => (await import('./run.ts')).run(request),
  exchange: async (request) => (await import('./exchange-alone.ts')).exchangeAlone(request),
  backtest: async (request) => (await import('./backtest.ts')).backtest(request),
  soak: async (request) => (await import('./soak.ts')).soak(request),
  journalCat: async (path, view, print) => (await import('./journal-commands.ts')).journalCat(path, view, print),
  journalVerify: async (path, print) => (await import('./journal-commands.ts')).journalVerify(path, print),
  record: async (request, print) => (await import('./record.ts')).record(request, print),
  dataCheck: async (files, json, print) => (await import('./data-commands.ts')).dataCheck(files, json, print),
}
