/** The exchange process: the built-in exchange behind the Bybit V5 protocol, on one port of this machine. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { errorLine, fail, Random, RingmasterError, SystemClock, SystemTimers, systemOriginNs } from '../src/core/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, FileLedger, generatedMarket, loadRecording, MemoryLedger, mixedEpisodes, RecordedMarket, recordedContracts, type Contract, type MarketSource } from '../src/exchange/index.ts'
import { playFaults } from './exchange-faults.ts'
import { usageOf } from './usage.ts'
import { BybitFront, venueLimits } from '../src/exchange/bybit/index.ts'
import { createCounters, FrontServer, noLatency, serverDefaults, type FrontCounters, type FrontLatency } from '../src/exchange/front/index.ts'
import { OkxFront } from '../src/exchange/okx/index.ts'

/** Environment variable that carries `ExchangeProcessSettings` as JSON. */
const SETTINGS_ENV = 'RINGMASTER_EXCHANGE'
const BEAT_MS = 100
const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_PORT_TAKEN = 98

const text = z.string().min(1)
const delay = z.number().min(0).max(60_000)
const count = z.number().int().min(1)

const settingsSchema = z.strictObject({
  host: text.default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.number().int().min(0).max(65_535).default(8010),
  keys: z.array(z.strictObject({ apiKey: text, secret: text, account: text })).min(1),
  /** The same market and accounts behind the OKX V5 protocol as well; without it only Bybit's is spoken. */
  okx: z.strictObject({ port: z.number().int().min(0).max(65_535), passphrase: text }).optional(),
  /** Seed of the front's own chance: ids, jitter, order of messages. */
  seed: z.number().int().default(1),
  market: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('generated'),
      seed: z.number().int(),
      symbols: z.array(text).min(1),
      /** Mean market messages per second and symbol. */
      rate: z.number().positive().optional(),
      levels: z.number().int().optional(),
      historyMin: z.number().int().min(0).optional(),
      /** Spoofing and layering planted an hour, with as many look-alikes; none unless told. */
      manipulationsPerHour: z.number().min(0).optional(),
      /** Events an hour after which the price can be foretold; none unless told. */
      edgesPerHour: z.number().min(0).optional(),
    }),
    z.strictObject({
      kind: z.literal('replay'),
      recordings: z.array(z.strictObject({ symbol: text, files: z.array(text).min(1) })).min(1),
      speed: z.number().positive(),
      loop: z.boolean(),
      historyMin: z.number().min(0).optional(),
    }),
  ]),
  /** File of the ledger; null keeps everything in memory. */
  ledger: text.nullable(),
  startingBalance: text,
  /** Balances of single accounts, decimal text. */
  balances: z.record(text, text).optional(),
  defaultLeverage: text.default('10'),
  latency: z.strictObject({ requestMs: delay, replyMs: delay, pushMs: delay, marketMs: delay, jitterMs: delay, historyMs: delay }).partial().optional(),
  shuffleTopics: z.boolean().default(false),
  /** Other limits than the venue's. `ordersPerSecond` is for create, amend, cancel and their batches alike. */
  limits: z.strictObject({ ordersPerSecond: count, ipRequests: count, ipWindowMs: count, ipBanMs: count, idleMs: count, sendBufferBytesMax: count }).partial().optional(),
  /** Whether `/control/…` (faults on demand) is served to loopback. */
  control: z.boolean().default(true),
  /** Faults that it commits by itself; on the OKX front those of the next seed. */
  faults: z.strictObject({ seed: z.number().int(), perMinute: z.array(text).readonly(), plan: z.string().nullable(), bookDepth: z.number().int() }).optional(),
})

/** What the exchange process is started with, as its parent writes it. */
export type ExchangeProcessSettings = z.input<typeof settingsSchema>

/** Exchange process → its parent, when forked. */
export type ExchangeProcessMessage =
  | { readonly type: 'ready'; readonly port: number; readonly okxPort: number | null }
  | { readonly type: 'beat'; readonly rssBytes: number; readonly cpuSeconds: number; readonly counters: Readonly<FrontCounters> }
  | { readonly type: 'log'; readonly record: { readonly level: 'info' | 'warn' | 'error'; readonly wallMs: number; readonly from: 'exchange'; readonly message: string; readonly data: Readonly<Record<string, unknown>> } }

/** Longest wait for the word of a supervisor that got the same signal. */
const SIGNAL_GRACE_MS = 30_000

type Settings = z.output<typeof settingsSchema>

function readSettings(): Settings {
  const json = process.env[SETTINGS_ENV]
  if (json === undefined) fail('RM_EXCHANGE_SETUP', { what: `${SETTINGS_ENV} is not set: it carries the settings as JSON` })
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    // Not the text itself: it carries the secrets.
    fail('RM_EXCHANGE_SETUP', { what: `${SETTINGS_ENV} is no JSON (${json.length} characters)` }, error)
  }
  const parsed = settingsSchema.safeParse(value)
  if (!parsed.success) fail('RM_EXCHANGE_SETUP', { what: parsed.error.issues.map((issue) => `${issue.path.join('.') || SETTINGS_ENV}: ${issue.message}`).join('; ') })
  return parsed.data
}

function contractOf(symbol: string, known: readonly Contract[]): Contract {
  return known.find((one) => one.symbol === symbol) ?? fail('RM_EXCHANGE_SETUP', { what: `no contract for ${symbol}, there are ${known.map((one) => one.symbol).join(', ')}` })
}

async function marketsOf({ market }: Settings): Promise<readonly MarketSource[]> {
  const historyMin = market.historyMin === undefined ? {} : { historyMin: market.historyMin }
  if (market.kind === 'replay') {
    return Promise.all(
      market.recordings.map(async ({ symbol, files }) => {
        const { tape, contract } = await loadRecording(files, symbol, recordedContracts)
        return new RecordedMarket(tape, { contract, speed: market.speed, loop: market.loop, ...historyMin })
      }),
    )
  }
  return market.symbols.map((symbol) => {
    const contract = contractOf(symbol, defaultContracts)
    const startTicks = defaultStartTicks[symbol] ?? fail('RM_EXCHANGE_SETUP', { what: `no starting price for a generated ${symbol}` })
    return generatedMarket({
      contract, seed: market.seed, startTicks, ...historyMin, ...(market.rate === undefined ? {} : { rate: market.rate }), ...(market.levels === undefined ? {} : { levels: market.levels }),
      ...(market.manipulationsPerHour === undefined ? {} : { episodes: mixedEpisodes(market.manipulationsPerHour) }),
      ...(market.edgesPerHour === undefined ? {} : { edgesPerHour: market.edgesPerHour }),
    })
  })
}

// A channel that closes under a message is no failure: `disconnect` follows and ends the process in order.
function tell(message: ExchangeProcessMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

function log(level: 'info' | 'warn' | 'error', message: string, data: Readonly<Record<string, unknown>> = {}): void {
  if (process.connected) tell({ type: 'log', record: { level, wallMs: Date.now(), from: 'exchange', message, data } })
  else process.stderr.write(`exchange: ${level}: ${message}${Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`}\n`)
}

/** The OKX front over the same exchange: same keys, a passphrase beside them, counters of its own. */
function okxFront(settings: Settings, passphrase: string, exchange: Exchange, clock: SystemClock, timers: SystemTimers): OkxFront {
  return new OkxFront({
    exchange, clock, timers,
    random: new Random(settings.seed, 'okx-front'),
    keys: settings.keys.map((key) => ({ ...key, passphrase })),
    latency: latencyOf(settings),
    counters: createCounters(),
    onDefect: (error) => log('error', 'a request to the OKX front met a defect', { error: errorLine(error) }),
  })
}

const latencyOf = ({ latency }: Settings): FrontLatency => ({ ...noLatency, ...Object.fromEntries(Object.entries(latency ?? {}).filter(([, value]) => value !== undefined)) })

async function main(): Promise<void> {
  const settings = readSettings()
  const clock = new SystemClock(systemOriginNs())
  const timers = new SystemTimers()
  const counters = createCounters()
  if (settings.ledger !== null) mkdirSync(dirname(settings.ledger), { recursive: true })
  const exchange = new Exchange({
    clock,
    timers,
    markets: await marketsOf(settings),
    ledger: settings.ledger === null ? new MemoryLedger() : new FileLedger(settings.ledger),
    startingBalance: settings.startingBalance,
    defaultLeverage: settings.defaultLeverage,
    ...(settings.balances === undefined ? {} : { balances: settings.balances }),
  })
  const { ordersPerSecond, sendBufferBytesMax, ...limits } = settings.limits ?? {}
  const orders = ordersPerSecond === undefined ? {} : Object.fromEntries(['create', 'amend', 'cancel', 'create-batch', 'amend-batch', 'cancel-batch'].map((group) => [group, ordersPerSecond]))
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
  const front = new BybitFront({
    exchange, clock, timers, counters,
    random: new Random(settings.seed, 'bybit-front'),
    keys: settings.keys,
    latency: latencyOf(settings),
    limits: { ...venueLimits, ...given, perSecond: { ...venueLimits.perSecond, ...orders } },
    shuffleTopics: settings.shuffleTopics,
    onDefect: (error) => log('error', 'a request met a defect', { error: errorLine(error) }),
  })
  const server = new FrontServer(front, { ...serverDefaults, host: settings.host, port: settings.port, control: settings.control, ...(sendBufferBytesMax === undefined ? {} : { sendBufferBytesMax }) })
  const port = await server.listen()
  const okxPart = settings.okx === undefined ? null : okxFront(settings, settings.okx.passphrase, exchange, clock, timers)
  const okx = okxPart === null ? null : new FrontServer(okxPart, { ...serverDefaults, host: settings.host, port: settings.okx!.port, control: settings.control })
  const okxPort = okx === null ? null : await okx.listen()
  // The front listens before the market opens: fills of the opening are told like any other.
  exchange.start()
  if (settings.faults !== undefined) {
    const playing = playFaults(front, settings.faults)
    if (okxPart !== null) playFaults(okxPart, { ...settings.faults, seed: settings.faults.seed + 1 })
    if (playing !== null) log('warn', 'the exchange commits faults by itself', { seed: settings.faults.seed, perMinute: settings.faults.perMinute, plan: settings.faults.plan !== null })
  }
  const beat = timers.every(BEAT_MS, () => tell({ type: 'beat', ...usageOf(process), counters }))
  let stopping = false
  const stop = async (reason: string): Promise<void> => {
    if (stopping) return
    stopping = true
    log('info', 'the exchange stops', { reason })
    beat.cancel()
    exchange.stop()
    await Promise.all([server.close(), okx?.close()])
    process.exit(0)
  }
  process.on('message', (message: { readonly type?: unknown }) => void (message.type === 'stop' && stop('asked by its parent')))
  // Signals often reach the whole group: under a supervisor its word counts, so that the engine can drain at an exchange that is there.
  process.on('SIGTERM', () => (process.connected ? void timers.after(SIGNAL_GRACE_MS, () => void stop('SIGTERM')) : void stop('SIGTERM')))
  process.on('SIGINT', () => !process.connected && void stop('SIGINT'))
  process.on('disconnect', () => void stop('parent gone'))
  // It may have gone while we started.
  if (process.send !== undefined && !process.connected) return stop('parent gone')
  tell({ type: 'ready', port, okxPort })
  tell({ type: 'beat', ...usageOf(process), counters })
  log('info', 'the exchange is open', { url: `http://${settings.host}:${port}`, market: settings.market.kind, symbols: exchange.contracts.map((one) => one.symbol) })
}

// The last word goes to the parent and to stderr; a process that cannot go on says so and ends.
function end(error: unknown): void {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  const line = taken ? `RM_EXCHANGE_SETUP: the port is taken by another program (${error.message}): stop it, or choose another one` : errorLine(error)
  log('error', line)
  if (process.connected) process.stderr.write(`exchange: ${line}\n`)
  process.exit(taken ? EXIT_PORT_TAKEN : error instanceof RingmasterError && error.code === 'RM_EXCHANGE_SETUP' ? EXIT_USAGE : EXIT_FAILED)
}

process.on('uncaughtException', end)
// Nobody reads any more: not our failure either.
process.stderr.on('error', () => {})
await main().catch(end)
