/** The gateway process: API, live socket and dashboard. It reads the feed of the engine and the journal; nobody waits for it. */
import { join } from 'node:path'
import { AlertLog, type AskMessage, AuditLog, ChannelLine, DecisionLog, type Desk, ExchangeFaults, Gate, JournalBooks, type LiveSymbol, MarketView, Operator, OrderQueries, RegistryShelf, RootCache, Sessions, startServer, type ApiServer } from '../src/api/index.ts'
import { FeedClient } from '../src/api/link/index.ts'
import { errorLine, RingmasterError, SystemClock, SystemTimers } from '../src/core/index.ts'
import type { ModelServer } from '../src/model/server/index.ts'
import { relayLog } from '../src/telemetry/index.ts'
import { GATEWAY_ENV, type FromGateway, type GatewaySettings, type ToGateway } from './gateway-messages.ts'
import { VenueKlines } from './gateway-klines.ts'
import { modelServer } from './model-server.ts'
import { usageOf } from './usage.ts'

const BEAT_MS = 500
const JOURNAL_MS = 100
/** For how long the feed tells of a symbol after somebody looked at it. */
const INTEREST_MS = 10_000
const EXIT_USAGE = 2
const EXIT_PORT_TAKEN = 98
/** Names of the environment that may carry a secret: this process has no use for any. */
const SECRET_NAME = /(SECRET|PASSWORD|PASSPHRASE|TOKEN|API_?KEY|DATABASE_URL)/i

const text = process.env[GATEWAY_ENV]
if (text === undefined) {
  console.error(new RingmasterError('RM_USAGE', { what: 'gateway', problem: `it is started by the supervisor: use \`make run\` (${GATEWAY_ENV} is not set)` }).message)
  process.exit(EXIT_USAGE)
}
const settings = JSON.parse(text) as GatewaySettings
delete process.env[GATEWAY_ENV]
for (const name of Object.keys(process.env)) if (SECRET_NAME.test(name)) delete process.env[name]

const { config, version, journal, logLevel, shown, modelFolder, modelRole, venue, exchangePort, originNs, feedToken } = settings
const { gateway } = config
// A channel that closes under a message is no failure.
const tell = (message: FromGateway): boolean => process.connected && process.send!(message, undefined, undefined, () => {})
const { log } = relayLog((record) => void tell({ type: 'log', record }), { from: 'gateway', level: logLevel, wallMs: () => Date.now() })
const clock = new SystemClock(BigInt(originNs))
const nowMs = (): number => performance.now()
const wallMs = (): number => Date.now()

const line = new ChannelLine((message: AskMessage) => tell(message))
const market = new MarketView(nowMs)
const decisions = new DecisionLog(gateway.traces_kept, wallMs())
const alerts = new AlertLog()
const books = new JournalBooks(journal, gateway.orders_kept)
const feed = new FeedClient({
  token: feedToken,
  onLink: (up) => market.onLink(up),
  say: (level, words) => log(level, words),
  onMessage(message) {
    market.hear(message)
    if (message.type === 'hello') decisions.featureNames = message.featureNames
    if (message.type !== 'decisions') return
    decisions.onLost(message.lost)
    for (const decision of message.decisions) {
      const live = market.at(decision.index)
      if (live !== undefined) decisions.hear(decision, live)
    }
  },
})

/** Symbols that somebody looks at, with the time of the last look. */
const lookedAt = { books: new Map<number, number>(), features: new Map<number, number>() }
function wantNow(): void {
  const due = (looks: Map<number, number>): number[] => {
    for (const [index, atMs] of looks) if (nowMs() - atMs > INTEREST_MS) looks.delete(index)
    return [...looks.keys()].toSorted((a, b) => a - b)
  }
  feed.want(due(lookedAt.books), due(lookedAt.features))
}
const look = (looks: Map<number, number>, { index }: LiveSymbol): void => {
  const isNew = !looks.has(index)
  looks.set(index, nowMs())
  if (isNew) wantNow()
}

let server: ApiServer | null = null
let models: ModelServer | null = null

async function start(): Promise<void> {
  const { operator, fresh } = await Operator.open(config.data_dir, gateway.password, gateway.secret_key, wallMs())
  const sessions = new Sessions(config.data_dir, gateway.session_h * 3_600_000, wallMs)
  const desk: Desk = {
    facts: { version, mode: config.mode, venue: config.venue, symbols: config.trading_pairs, settings: shown, modelFolder, modelRole },
    books,
    orders: new OrderQueries(() => books.orders, () => books.version),
    market,
    decisions,
    alerts,
    audit: new AuditLog(join(config.data_dir, 'gateway.audit.jsonl'), (words) => log('error', words)),
    root: new RootCache(line, nowMs),
    line,
    gate: new Gate({ operator, sessions, accessS: gateway.access_token_s, attempts: gateway.login_attempts, lockMs: gateway.lockout_s * 1000, wallMs, nowMs, onEndAll: () => server?.hub.endAll() }),
    klines: new VenueKlines(venue, config, clock, new SystemTimers()),
    models: new RegistryShelf(modelFolder, clock),
    faults: exchangePort === null ? null : new ExchangeFaults(config.venue, exchangePort),
    interest: { book: (live) => look(lookedAt.books, live), features: (live) => look(lookedAt.features, live) },
    nowMs,
    wallMs,
  }
  server = await startServer(desk, {
    host: gateway.host,
    port: gateway.port,
    corsOrigins: gateway.cors_origins,
    callsPerMinute: gateway.calls_per_minute,
    socketsMax: gateway.sockets_max,
    dashboard: join(import.meta.dirname, '../dist/dashboard'),
    say: (level, words, data) => log(level, words, data),
  })
  tell({ type: 'ready', url: server.url, password: fresh })
  await startModels()
}

/** The model server shares this process and nothing else: where it cannot be, the gateway goes on. */
async function startModels(): Promise<void> {
  if (!config.model.server) return
  try {
    models = await modelServer(config, (level, message, data) => log(level, message, data))
    log('info', `models are served at ${models.url}`)
  } catch (error) {
    log('error', 'models are not served over HTTP', { error: errorLine(error) })
  }
}

/** Takes what the journal has gained, a megabyte at a time, so that requests are answered in between. */
function follow(): void {
  let delayMs = JOURNAL_MS
  try {
    const news = books.poll()
    if (news !== null) {
      server?.hub.onNews(news)
      delayMs = books.caughtUp ? JOURNAL_MS : 0
    }
  } catch (error) {
    log('error', 'the journal could not be read; it is tried again', { error: errorLine(error) })
    delayMs = 5000
  }
  setTimeout(follow, delayMs)
}

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  feed.close()
  books.close()
  await Promise.all([server?.close(), models?.close()])
  process.exit(0)
}

// A person's Ctrl-C is for the supervisor, which ends us.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => void stop())
process.on('disconnect', () => void stop())
process.on('message', (message: ToGateway) => {
  if (message.type === 'answer') line.answer(message)
  else if (message.type === 'feed') feed.at(message.address)
  else if (message.type === 'alert') alerts.add(message.line)
  else void stop()
})
setInterval(() => tell({ type: 'beat', ...usageOf(process) }), BEAT_MS)
setInterval(wantNow, BEAT_MS)
follow()
start().catch((error: unknown) => {
  tell({ type: 'failed', error: errorLine(error) })
  const code = error instanceof RingmasterError && error.code === 'RM_PORT_TAKEN' ? EXIT_PORT_TAKEN : error instanceof RingmasterError && error.action === 'halt' ? EXIT_USAGE : 1
  setTimeout(() => process.exit(code), 50)
})
