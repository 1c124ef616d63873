/** Folders in which nothing reaches past what it was handed. */
export const pureFolders: readonly string[] = [
  'actors',
  'src/trading',
  'src/features',
  'src/strategies',
  'src/market',
  'src/model',
  'src/indicators',
  'src/detection',
  'src/regime',
  'src/exchange',
  'src/venues',
  'src/capture',
]

const TIME = 'time comes from a Clock'
const TIMER = 'timers come from Timers, so that virtual time moves them and the scheduler guards them'
const CHANCE = 'chance comes from Random, so that a seed repeats it'
const NETWORK = 'the network comes from a Transport'
const FILES = 'files come from whoever owns the journal or the registry'
const WORLD = 'what stands in it is handed over by the constructor'

export const forbiddenGlobals: Readonly<Record<string, string>> = {
  Date: TIME,
  performance: TIME,
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  queueMicrotask: TIMER,
  crypto: CHANCE,
  fetch: NETWORK,
  WebSocket: NETWORK,
  EventSource: NETWORK,
  process: WORLD,
  globalThis: WORLD,
  global: WORLD,
}

export const forbiddenMembers: Readonly<Record<string, string>> = { 'Math.random': CHANCE }

export const forbiddenModules: Readonly<Record<string, string>> = {
  'node:fs': FILES,
  'node:fs/promises': FILES,
  'node:crypto': CHANCE,
  'node:net': NETWORK,
  'node:tls': NETWORK,
  'node:dgram': NETWORK,
  'node:dns': NETWORK,
  'node:http': NETWORK,
  'node:https': NETWORK,
  'node:http2': NETWORK,
  ws: NETWORK,
  undici: NETWORK,
  'node:timers': TIMER,
  'node:timers/promises': TIMER,
  'node:perf_hooks': TIME,
  'node:process': WORLD,
  'node:os': WORLD,
  'node:child_process': WORLD,
  'node:cluster': WORLD,
  'node:worker_threads': WORLD,
}

/** Named imports of those modules that are pure functions. */
export const harmlessImports: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'createHmac', 'timingSafeEqual'],
}

/** One file that may, what it may, and why. */
export interface Exception {
  readonly file: string
  readonly allow: readonly string[]
  readonly reason: string
}

export const exceptions: readonly Exception[] = [
  { file: 'src/model/registry.ts', allow: ['node:fs'], reason: 'the model registry is a folder; it is read at start, never on the way of a tick' },
  { file: 'src/model/registry-state.ts', allow: ['node:fs'], reason: 'owns the state file of that folder' },
  { file: 'src/model/dataset/batch-files.ts', allow: ['node:fs'], reason: 'owns the files of a data set; actors see the sink' },
  { file: 'src/model/dataset/dataset-lock.ts', allow: ['node:fs'], reason: 'makes the folders that a lock lies in; taken by commands and processes, not by actors' },
  { file: 'src/model/training/fit/checkpoint-file.ts', allow: ['node:fs'], reason: 'owns the file of a checkpoint; training sees the store, and is no actor' },
  { file: 'src/trading/journal/file-journal.ts', allow: ['node:fs'], reason: 'owns the file of the journal; the actor sees the journal port' },
  { file: 'src/trading/journal/read.ts', allow: ['node:fs'], reason: 'reads a journal file for tools, outside every actor' },
  { file: 'src/trading/kill/kill-file.ts', allow: ['node:fs'], reason: 'owns the side file of the kill switch; the actor sees the store' },
  { file: 'src/exchange/ledger/file-ledger.ts', allow: ['node:fs'], reason: 'owns the file of the exchange ledger; the exchange sees the ledger port' },
  { file: 'src/capture/lines.ts', allow: ['node:fs'], reason: 'streams a recorded file; everything behind it sees its lines' },
  { file: 'src/capture/recording-files.ts', allow: ['node:fs', 'Date'], reason: 'owns the files of a recorder and names them by the time they begin' },
  { file: 'src/capture/bitmex.ts', allow: ['Date'], reason: 'reads the times that the venue writes as text; no clock is asked' },
  { file: 'src/capture/lean.ts', allow: ['Date'], reason: 'reads the times of a table that writes them as text; no clock is asked' },
  { file: 'src/capture/capture.ts', allow: ['Date'], reason: 'reads the day in the name of a file; no clock is asked' },
  { file: 'src/exchange/front/server.ts', allow: ['node:http', 'ws'], reason: 'puts the front on real sockets; the front itself sees requests and frames' },
  {
    file: 'src/venues/node-transport.ts',
    allow: ['node:http', 'node:https', 'ws', 'WebSocket', 'setImmediate', 'setTimeout'],
    reason: 'it is the Transport of the real network',
  },
]
