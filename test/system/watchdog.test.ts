import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RestClientV5 } from 'bybit-api'
import { afterEach, describe, expect, it } from 'vitest'
import { watchdogFiles } from '../../workers/watchdog-files.ts'
import { ExchangeProcess, settings } from '../exchange/bybit/process.ts'
import { foldJournal } from './ledger-check.ts'

/*
 * Engine, watchdog and exchange as processes of their own. One symbol is bought at market and held, the other has an
 * entry far below the price that rests: then somebody is killed.
 */

const KEYS = [
  { apiKey: 'ringmaster-paper', secret: 'paper-money-only', account: 'main' },
  { apiKey: 'ringmaster-watchdog', secret: 'paper-money-only', account: 'main' },
]
const SET: readonly [string, string][] = [
  ['trading_pairs', 'BTCUSDT,ETHUSDT'],
  ['strategy.imbalance.buy_threshold', '0.51'],
  ['strategy.imbalance.sell_threshold', '0.01'],
  ['strategy.imbalance.repeat_ms', '100'],
  ['strategy.min_confidence', '0.1'],
  ['order_executor.limit_order.by_symbol.BTCUSDT.limit_offset_percent', '0.05'],
  ['order_executor.limit_order.by_symbol.BTCUSDT.use_market_order', 'true'],
  ['order_executor.limit_order.by_symbol.ETHUSDT.limit_offset_percent', '5'],
  ['order_executor.order_ttl_ms', '600000'],
  ['risk.price_collar_percent', '20'],
  ['exit.max_holding_s', '86400'],
  ['exit.by_regime.choppy.sl_percent', '20'],
  ['exit.by_regime.choppy.tp_percent', '20'],
]
const SILENT_MS = 3000

/** Looks ten times a second; the test's own timeout is the limit. */
async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

interface Message {
  readonly type: string
  readonly pid?: number
  readonly ready?: boolean
  readonly state?: string
}

interface Held {
  readonly entries: readonly string[]
  readonly size: number
  readonly stops: number
}

class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'ringmaster-watchdog-'))
  readonly venue: 'bybit' | 'okx'
  exchange!: ExchangeProcess
  root!: ChildProcess
  readonly messages: Message[] = []
  readonly pids = new Set<number>()

  constructor(venue: 'bybit' | 'okx') {
    this.venue = venue
  }

  async open(): Promise<void> {
    this.exchange = await ExchangeProcess.start(settings({ keys: KEYS, okx: { port: 0, passphrase: 'paper-passphrase' } }))
  }

  /** Starts root, engine and watchdog. */
  start(change: { flatten?: boolean; silentMs?: number } = {}): void {
    const ready = this.exchange.messages.find((message) => message.type === 'ready')!
    const set = [...SET, ['venue', this.venue], ['data_dir', join(this.dir, 'data')], ['log.dir', join(this.dir, 'logs')], ['watchdog.flatten', String(change.flatten ?? false)]]
    this.messages.length = 0
    this.root = fork(join(import.meta.dirname, 'watchdog-root.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, WATCHDOG_ROOT: JSON.stringify({ configDir: join(import.meta.dirname, '../../config'), set, ports: { bybit: ready.port, okx: ready.okxPort }, silentMs: change.silentMs ?? SILENT_MS, settleMs: 1000 }) },
    })
    this.root.on('message', (message: Message) => {
      this.messages.push(message)
      if (message.pid !== undefined && message.pid !== null) this.pids.add(message.pid)
    })
  }

  pidOf(type: 'beat' | 'watchdog-beat'): number {
    return this.messages.findLast((message) => message.type === type)!.pid!
  }

  /** What the account has at the venue, by its stock client. */
  async look(): Promise<Held> {
    const client = new RestClientV5({ key: 'ringmaster-paper', secret: 'paper-money-only', baseUrl: this.exchange.http, recv_window: 20_000 })
    const orders = (await client.getActiveOrders({ category: 'linear', settleCoin: 'USDT' })).result.list
    const positions = (await client.getPositionInfo({ category: 'linear', symbol: 'BTCUSDT' })).result.list
    return {
      entries: orders.filter((order) => !order.reduceOnly).map((order) => order.orderLinkId),
      size: Number(positions[0]!.size),
      stops: orders.filter((order) => order.reduceOnly && order.orderStatus === 'Untriggered').length,
    }
  }

  /** Until an entry rests and a position is held, with its stop. */
  async trading(): Promise<Held> {
    return until(async () => {
      const held = await this.look()
      return held.entries.length > 0 && held.size > 0 && held.stops === 1 && this.messages.some((message) => message.type === 'watchdog-beat' && message.state === 'watching') ? held : null
    })
  }

  events(): string[] {
    const { journal } = watchdogFiles(join(this.dir, 'data'))
    return existsSync(journal)
      ? readFileSync(journal, 'utf8')
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { event: string }).event)
      : []
  }

  async close(): Promise<void> {
    for (const pid of [this.root.pid!, ...this.pids]) kill(pid)
    await this.exchange.stop()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.each([['bybit'], ['okx']] as const)('the watchdog process (%s)', (venue) => {
  let stage: Stage
  afterEach(() => stage.close())

  it('F13 EX-15: kill -9 of engine and root: the entry goes, position and stop stay, and the watchdog ends by itself', async () => {
    stage = new Stage(venue)
    await stage.open()
    stage.start()
    const before = await stage.trading()
    const watchdog = stage.pidOf('watchdog-beat')
    kill(stage.root.pid!)
    kill(stage.pidOf('beat'))
    const killedMs = performance.now()
    await until(async () => (await stage.look()).entries.length === 0)
    // Not at once, as a clean stop would: after the silence, and soon after it on a machine that has time.
    expect(performance.now() - killedMs).toBeGreaterThan(SILENT_MS / 2)
    await until(() => !lives(watchdog))
    const after = await stage.look()
    expect(after).toEqual({ entries: [], size: before.size, stops: 1 })
    expect(stage.events()).toEqual(['started', 'silent', 'cancelled', 'done', 'ended'])
    expect(existsSync(watchdogFiles(join(stage.dir, 'data')).lock)).toBe(false)
  }, 120_000)

  it('closes the position too when told to, and the next engine books that as the watchdog\'s work', async () => {
    stage = new Stage(venue)
    await stage.open()
    stage.start({ flatten: true })
    await stage.trading()
    const watchdog = stage.pidOf('watchdog-beat')
    kill(stage.root.pid!)
    kill(stage.pidOf('beat'))
    await until(() => !lives(watchdog))
    expect(await stage.look()).toMatchObject({ entries: [], size: 0 })
    expect(stage.events()).toContain('closing')
    stage.start()
    await until(() => stage.messages.some((message) => message.ready === true))
    const books = await until(() => {
      const symbol = foldJournal(stage.dir, venue).symbols.get('BTCUSDT')!
      return symbol.position?.id !== 1 ? symbol : null
    })
    expect(books.frozen).toBeNull()
    const closed = foldJournal(stage.dir, venue).closed.find((position) => position.symbol === 'BTCUSDT')!
    expect(closed.history.at(-1)!.why).toBe('closed by the watchdog')
  }, 120_000)
})

describe('the watchdog process', () => {
  let stage: Stage
  afterEach(() => stage.close())

  it('does nothing about an engine that is killed and back in time, and ends with one that stopped in good order', async () => {
    stage = new Stage('bybit')
    await stage.open()
    stage.start({ silentMs: 30_000 })
    await stage.trading()
    const engine = stage.pidOf('beat')
    const watchdog = stage.pidOf('watchdog-beat')
    kill(engine)
    await until(() => stage.messages.some((message) => message.type === 'beat' && message.pid !== engine && message.ready === true))
    stage.root.send({ type: 'stop' })
    await until(() => !lives(watchdog))
    expect(stage.events()).toEqual(['started', 'ended'])
    expect((await stage.look()).entries).toEqual([])
  }, 120_000)

  it('ends when the root alone is killed: the engine drains and declares it', async () => {
    stage = new Stage('bybit')
    await stage.open()
    stage.start({ silentMs: 30_000 })
    await stage.trading()
    const [engine, watchdog] = [stage.pidOf('beat'), stage.pidOf('watchdog-beat')]
    kill(stage.root.pid!)
    await until(() => !lives(engine) && !lives(watchdog))
    expect(stage.events()).toEqual(['started', 'ended'])
    expect((await stage.look()).entries).toEqual([])
  }, 120_000)

  it('takes an engine that hangs for one that is dead', async () => {
    stage = new Stage('bybit')
    await stage.open()
    stage.start()
    await stage.trading()
    stage.root.send({ type: 'fault', id: 'execution', fault: 'hang-main' })
    await until(() => stage.events().includes('done'))
    expect(stage.events().slice(0, 2)).toEqual(['started', 'silent'])
    // There is a supervisor: it goes on watching.
    expect(lives(stage.pidOf('watchdog-beat'))).toBe(true)
  }, 120_000)

  it('is alone: a second one waits until the first has ended', async () => {
    stage = new Stage('bybit')
    await stage.open()
    stage.start({ silentMs: 600_000 })
    await stage.trading()
    const first = stage.pidOf('watchdog-beat')
    const root = stage.root
    // Another root over the same data: its watchdog waits, whatever its engine does.
    stage.start()
    await until(() => stage.messages.some((message) => message.type === 'watchdog-beat' && message.pid !== first && message.state === 'waiting'))
    expect(stage.events()).toEqual(['started'])
    kill(root.pid!)
  }, 120_000)
})
