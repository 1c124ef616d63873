import type { CliActions } from '../src/cli/index.ts'

/** What the commands do; each is loaded when it is asked for, so that `--help` answers at once. */
export const actions: CliActions = {
  run: async (request) => (await import('./run.ts')).run(request),
  exchange: async (request) => (await import('./exchange-alone.ts')).exchangeAlone(request),
  backtest: async (request) => (await import('./backtest.ts')).backtest(request),
  soak: async (request) => (await import('./soak.ts')).soak(request),
  simulate: async (request, print) => (await import('./simulation/simulate.ts')).simulateCommand(request, print),
  journalCat: async (path, view, print) => (await import('./journal-commands.ts')).journalCat(path, view, print),
  journalVerify: async (path, print) => (await import('./journal-commands.ts')).journalVerify(path, print),
  csvRebuild: async (loaded, print) => (await import('./csv-commands.ts')).csvRebuild(loaded, print),
  database: async (request, print) => (await import('./database-commands.ts')).databaseCommand(request, print),
  record: async (request, print) => (await import('./record.ts')).record(request, print),
  collect: async (request, print) => (await import('./collect.ts')).collect(request, print),
  label: async (request, print) => (await import('./label.ts')).label(request, print),
  datasetInfo: async (request, print) => (await import('./dataset-commands.ts')).datasetInfoCommand(request, print),
  datasetCheck: async (request, print) => (await import('./dataset-commands.ts')).datasetCheckCommand(request, print),
  alertsTest: async (request, print) => (await import('./alerts-test.ts')).alertsTest(request, print),
  modelServer: async (request) => (await import('./model-server.ts')).modelServerAlone(request),
  models: async (request, print) => (await import('./models-commands.ts')).modelsCommand(request, print),
  train: async (request, print) => (await import('./train.ts')).trainCommand(request, print),
  strategyReplay: async (request, print) => (await import('./strategy-replay.ts')).strategyReplay(request, print),
  dataCheck: async (files, json, print) => (await import('./data-commands.ts')).dataCheck(files, json, print),
}
