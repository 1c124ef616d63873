/**
 * What ten books of 200 levels at ten updates a second cost a process: our adapters, books, cells and ticks, run by the
 * host as on an engine thread, against ccxt.pro's `watchOrderBook` of the same symbols. Both clients are processes of their
 * own on real sockets of one frame server, up all the time and measured over the same windows, so that the machine treats
 * them alike. In the end both must hold the same books.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from '../../src/core/index.ts'
import { SharedRun } from '../engine/shared-run.ts'
import { defineBench } from '../harness.ts'
import type { ClientUsage } from './client-messages.ts'
import { ClientProcess, sameTops, ServerProcess } from './processes.ts'

const SYMBOLS = 10
const UPDATES_PER_S = 10
const WINDOW_MS = 20_000
/** Uncounted: both have compiled what they run. */
const WARM_UP_MS = 5_000
const LEVELS_COMPARED = 25
const SETTLE_MS = 500

interface Window {
  /** Share of one core, %. */
  readonly cpuPercent: number
  readonly rssMb: number
}

const { server, port } = await ServerProcess.start({ symbols: SYMBOLS, depth: 200, perSide: 18, deltas: 1023, tradeEvery: 0 })
const shape = { port, symbols: SYMBOLS, depth: 200, features: false } as const
const clients = { ours: await ClientProcess.start('ringmaster', shape), ccxt: await ClientProcess.start('ccxt', shape) }
server.rate(SYMBOLS * UPDATES_PER_S)
let windowMs = WARM_UP_MS

function window(name: string, before: ClientUsage, after: ClientUsage): Window {
  const tookMs = after.atMs - before.atMs
  const due = (SYMBOLS * UPDATES_PER_S * tookMs) / 1000
  const taken = after.taken - before.taken
  if (Math.abs(taken - due) > 0.05 * due) fail('RM_ASSERT', { what: `${name} took ${taken} updates where ${due.toFixed(0)} were sent` })
  return { cpuPercent: ((after.cpuMs - before.cpuMs) / tookMs) * 100, rssMb: after.rssBytes / 2 ** 20 }
}

const windows = new SharedRun('window', async () => {
  const before = await Promise.all([clients.ours.usage(), clients.ccxt.usage()])
  await sleep(windowMs)
  windowMs = WINDOW_MS
  const after = await Promise.all([clients.ours.usage(), clients.ccxt.usage()])
  return { ours: window('ringmaster', before[0], after[0]), ccxt: window('ccxt', before[1], after[1]) }
})
const side = (name: string, kind: 'ours' | 'ccxt', what: keyof Window) => ({ ...windows.side(`${kind} ${what}`, (one) => one[kind][what]), name })
const books = `${SYMBOLS} books, depth 200, ${UPDATES_PER_S} updates/s each`

export const bench = defineBench(
  'venues-cpu',
  { rounds: 3 },
  { name: `${books}: processor time`, unit: '% of a core', better: 'lower', ours: side('ringmaster', 'ours', 'cpuPercent'), peer: side('ccxt watchOrderBook', 'ccxt', 'cpuPercent'), goal: { ratio: 1 } },
  { name: `${books}: memory (resident)`, unit: 'MiB', better: 'lower', ours: side('ringmaster', 'ours', 'rssMb'), peer: side('ccxt watchOrderBook', 'ccxt', 'rssMb'), goal: { ratio: 1 } },
)

if (import.meta.main) {
  try {
    await bench.run()
    await server.stop('finish')
    await sleep(SETTLE_MS)
    sameTops('after the last window', await clients.ours.tops(LEVELS_COMPARED), await clients.ccxt.tops(LEVELS_COMPARED))
  } finally {
    for (const one of [server, clients.ours, clients.ccxt]) one.end()
  }
}
