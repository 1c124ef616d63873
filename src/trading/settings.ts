import { fail, money } from '../core/index.ts'
import type { OrderRequest } from '../venues/index.ts'
import { checkKillSettings, killDefaults, type KillSettings } from './kill/settings.ts'
import { checkExitSettings, type ExitSettings, REGIMES } from './parameters.ts'
import type { StopPolicy } from './records.ts'

/** One section of entry offsets: percent of the mid as decimal text, and whether this section asks for market orders. */
export interface OffsetSection {
  readonly percent: string
  readonly marketOrder: boolean
}

/** Offsets of entry prices. The more exact key wins. */
export interface OffsetSettings {
  readonly defaultPercent: string
  readonly byRegime: Readonly<Record<string, OffsetSection>>
  /** `own` null: the symbol says nothing of its own outside of the regimes that it lists. */
  readonly bySymbol: Readonly<Record<string, { readonly own: OffsetSection | null; readonly byRegime: Readonly<Record<string, OffsetSection>> }>>
}

/** Everything that can be set about execution. Amounts and percents are decimal text; durations carry their unit. */
export interface TradingSettings {
  /** One to four of a-z and 0-9: names the account inside client order ids. */
  readonly account: string
  readonly entry: {
    /** Order value in quote currency at full confidence. */
    readonly notional: string
    readonly multiplierBySymbol: Readonly<Record<string, string>>
    readonly scaleByConfidence: boolean
    readonly confidenceMin: number
    readonly timeInForce: OrderRequest['timeInForce']
    readonly ttlMs: number
    /** Age of the tick behind a decision, at which it is refused. */
    readonly decisionAgeMsMax: number
    readonly offset: OffsetSettings
  }
  readonly limits: {
    /** Positions and pending entries, over all symbols. */
    readonly openPositionsMax: number
    readonly exposureMax: string
    readonly symbolExposureMax: string
    /** Longs together, and shorts together. */
    readonly directionExposureMax: string
    readonly orderNotionalMin: string
    readonly ordersPerWindowMax: number
    readonly orderWindowMs: number
    /** Largest distance of a limit price from the fresh mid. */
    readonly collarPercent: string
    /** Oldest price limits of the venue that an entry may go by. */
    readonly bandAgeMsMax: number
  }
  readonly sizing: {
    /** `fixed`: the order value above. `risk`: what may be lost at the stop. */
    readonly rule: 'fixed' | 'risk'
    /** Of the equity, lost when the stop of a position at full confidence is hit. */
    readonly riskPercent: string
    /** Oldest word of the venue about equity and margin that sizes may go by. */
    readonly accountAgeMsMax: number
  }
  readonly preflight: {
    /** Leverage to be set at the venue, decimal text; null: as it stands there. */
    readonly leverage: string | null
    readonly leverageBySymbol: Readonly<Record<string, string>>
    /** Whether an account in hedge mode may be switched to one-way mode; otherwise it is not traded on. */
    readonly setPositionMode: boolean
  }
  readonly exit: ExitSettings & {
    /** An opposite decision closes the position. */
    readonly onOppositeDecision: boolean
    readonly orderType: 'limit' | 'market'
    /** How far behind the touch a limit exit may fill. */
    readonly slippagePercent: string
    /** First pause after an exit that filled nothing; doubled each time up to the second. */
    readonly retryMs: number
    readonly retryMsMax: number
  }
  /** The stop that the venue itself keeps for every position: what is left when the engine is dead. */
  readonly protection: {
    readonly enabled: boolean
    /** How far beyond our own stop the venue's stop rests, percent of the price. */
    readonly behindPercent: string
    /** A stop that rests is moved when it is off by at least this much, percent of the price … */
    readonly stepPercent: string
    /** … and not more often than this. */
    readonly intervalMs: number
    /** A position may be without a stop and without an exit under way for so long; then entries stop everywhere. */
    readonly nakedMs: number
    /** First pause after a command that failed; doubled each time up to the second. */
    readonly retryMs: number
    readonly retryMsMax: number
    /** The venue keeps a stop when its position is closed: it is taken away by command. */
    readonly clearAfterClose: boolean
  }
  /** The venue's own switch that cancels entries when it hears nothing of us. */
  readonly deadMan: {
    readonly enabled: boolean
    readonly timeoutMs: number
    /** Why it is not enabled, for people. */
    readonly whyNot: string
  }
  readonly venue: {
    /** Silence after which an order without an answer counts as unknown. */
    readonly pendingMs: number
    /** Pause before the first question about an order whose fills are on their way. */
    readonly graceMs: number
    readonly askMs: number
    readonly askMsMax: number
    /** "Found nowhere" counts from here after sending: longer than any request can stay on its way. */
    readonly absentAfterMs: number
    readonly cancelRetryMs: number
    /** First pause of a symbol after a refused entry; doubled for each one in a row up to the second. */
    readonly rejectPauseMs: number
    readonly rejectPauseMsMax: number
  }
  readonly reconcile: {
    readonly tries: number
    readonly delayMs: number
    /** Longest pause before a new round of tries; the first is `delayMs`, doubled for each round that fails. */
    readonly againMs: number
    readonly overlapMs: number
    readonly auditMs: number
    /** A position that differs from the venue's push for longer than this freezes the symbol. */
    readonly mismatchMs: number
    readonly hangingMs: number
    /** Reconcile by itself after a start; false: look, report, and wait until a person asks for recovery. */
    readonly auto: boolean
    /** Report orders that hang. Without it an order that the venue does not list is still asked about. */
    readonly hangingCheck: boolean
    /** Trade on with restored orders and positions; false: their symbols take no entries until a person asks for recovery. */
    readonly restoreAuto: boolean
    /** Log hanging orders with the venue's data and their whole history. */
    readonly hangingDetail: boolean
    /** An unexplained position found after the first reconciliation stops new exposure until a person releases it. */
    readonly adoptionFreezes: boolean
  }
  readonly journal: {
    /** What must have happened to an intent before its order leaves. */
    readonly durability: 'written' | 'flushed'
    readonly flushMs: number
  }
  readonly kill: KillSettings
  readonly sweepMs: number
  readonly stop: {
    readonly policy: StopPolicy
    readonly deadlineMs: number
  }
}

/** The product's own values; the configuration names every one it changes. */
export const tradingDefaults: TradingSettings = {
  account: 'main',
  entry: {
    notional: '100',
    multiplierBySymbol: {},
    scaleByConfidence: false,
    confidenceMin: 0,
    timeInForce: 'GTC',
    ttlMs: 10_000,
    decisionAgeMsMax: 1000,
    offset: {
      defaultPercent: '0.05',
      byRegime: { trending: { percent: '0.10', marketOrder: false }, choppy: { percent: '0.05', marketOrder: false }, ranging: { percent: '0.08', marketOrder: false } },
      bySymbol: {},
    },
  },
  limits: {
    openPositionsMax: 5,
    exposureMax: '10000',
    symbolExposureMax: '2000',
    directionExposureMax: '8000',
    orderNotionalMin: '5',
    ordersPerWindowMax: 10,
    orderWindowMs: 1000,
    collarPercent: '1',
    bandAgeMsMax: 60_000,
  },
  sizing: { rule: 'fixed', riskPercent: '0.1', accountAgeMsMax: 180_000 },
  preflight: { leverage: null, leverageBySymbol: {}, setPositionMode: false },
  exit: {
    byRegime: Object.fromEntries(
      REGIMES.map((regime) => [regime, { source: `exit.by_regime.${regime}`, takeProfitPercent: '0.4', stopLossPercent: '0.3', takeProfitAtr: null, stopLossAtr: null, holdMsMax: 300_000, trailing: null }]),
    ),
    bySymbol: {},
    trailingByMaker: {},
    rangeFactorMin: '1',
    rangeFactorMax: '2',
    takerFeePercent: '0.055',
    profitPercentMin: '0',
    trailingStepPercent: '0.02',
    onOppositeDecision: true,
    orderType: 'limit',
    slippagePercent: '0.1',
    retryMs: 250,
    retryMsMax: 5000,
  },
  protection: {
    enabled: true,
    behindPercent: '0.2',
    stepPercent: '0.05',
    intervalMs: 1000,
    nakedMs: 2000,
    retryMs: 250,
    retryMsMax: 5000,
    clearAfterClose: false,
  },
  deadMan: { enabled: false, timeoutMs: 30_000, whyNot: 'switched off' },
  venue: {
    pendingMs: 10_000,
    graceMs: 500,
    askMs: 250,
    askMsMax: 5000,
    absentAfterMs: 10_000,
    cancelRetryMs: 2000,
    rejectPauseMs: 1000,
    rejectPauseMsMax: 60_000,
  },
  reconcile: {
    tries: 3,
    delayMs: 2000,
    againMs: 10_000,
    overlapMs: 60_000,
    auditMs: 60_000,
    mismatchMs: 5000,
    hangingMs: 30 * 60_000,
    auto: true,
    hangingCheck: true,
    restoreAuto: true,
    hangingDetail: false,
    adoptionFreezes: true,
  },
  journal: { durability: 'written', flushMs: 5 },
  kill: killDefaults,
  sweepMs: 50,
  stop: { policy: 'cancel-entries', deadlineMs: 5000 },
}

const DECIMAL = /^\d+(?:\.\d+)?$/

/** @throws RM_TRADING_SETTINGS for the first value that cannot be traded with. */
export function checkTradingSettings(settings: TradingSettings): void {
  const { entry, limits, exit, protection, venue, reconcile, journal, stop } = settings
  if (!/^[a-z0-9]{1,4}$/.test(settings.account)) refuse('account', settings.account, 'one to four of a-z and 0-9 are wanted')

  positive('entry.notional', entry.notional)
  for (const [symbol, multiplier] of Object.entries(entry.multiplierBySymbol)) positive(`entry.multiplierBySymbol.${symbol}`, multiplier)
  offset('entry.offset.defaultPercent', entry.offset.defaultPercent)
  for (const [regime, { percent }] of Object.entries(entry.offset.byRegime)) offset(`entry.offset.byRegime.${regime}`, percent)
  for (const [symbol, own] of Object.entries(entry.offset.bySymbol)) {
    if (own.own !== null) offset(`entry.offset.bySymbol.${symbol}`, own.own.percent)
    for (const [regime, { percent }] of Object.entries(own.byRegime)) offset(`entry.offset.bySymbol.${symbol}.${regime}`, percent)
  }
  if (!(entry.confidenceMin >= 0 && entry.confidenceMin <= 1)) refuse('entry.confidenceMin', entry.confidenceMin, 'outside 0 to 1')

  for (const name of ['exposureMax', 'symbolExposureMax', 'directionExposureMax', 'orderNotionalMin', 'collarPercent'] as const) positive(`limits.${name}`, limits[name])
  positive('sizing.riskPercent', settings.sizing.riskPercent)
  if (settings.preflight.leverage !== null) positive('preflight.leverage', settings.preflight.leverage)
  for (const [symbol, leverage] of Object.entries(settings.preflight.leverageBySymbol)) positive(`preflight.leverageBySymbol.${symbol}`, leverage)
  for (const name of ['behindPercent', 'stepPercent'] as const) offset(`protection.${name}`, protection[name])
  checkExitSettings(exit)
  if (!DECIMAL.test(exit.slippagePercent)) refuse('exit.slippagePercent', exit.slippagePercent, 'not a decimal')

  const counts: Readonly<Record<string, number>> = {
    'entry.ttlMs': entry.ttlMs,
    'entry.decisionAgeMsMax': entry.decisionAgeMsMax,
    'limits.openPositionsMax': limits.openPositionsMax,
    'limits.ordersPerWindowMax': limits.ordersPerWindowMax,
    'limits.orderWindowMs': limits.orderWindowMs,
    'limits.bandAgeMsMax': limits.bandAgeMsMax,
    'sizing.accountAgeMsMax': settings.sizing.accountAgeMsMax,
    'exit.retryMs': exit.retryMs,
    'exit.retryMsMax': exit.retryMsMax,
    'deadMan.timeoutMs': settings.deadMan.timeoutMs,
    'protection.intervalMs': protection.intervalMs,
    'protection.nakedMs': protection.nakedMs,
    'protection.retryMs': protection.retryMs,
    'protection.retryMsMax': protection.retryMsMax,
    'reconcile.tries': reconcile.tries,
    'reconcile.delayMs': reconcile.delayMs,
    'reconcile.againMs': reconcile.againMs,
    'reconcile.auditMs': reconcile.auditMs,
    'reconcile.mismatchMs': reconcile.mismatchMs,
    'reconcile.hangingMs': reconcile.hangingMs,
    'journal.flushMs': journal.flushMs,
    'stop.deadlineMs': stop.deadlineMs,
    sweepMs: settings.sweepMs,
    ...Object.fromEntries(Object.entries(venue).map(([name, value]) => [`venue.${name}`, value])),
  }
  for (const [field, value] of Object.entries(counts)) if (!Number.isSafeInteger(value) || value <= 0) refuse(field, value, 'a whole number above 0 is wanted')
  if (!Number.isSafeInteger(reconcile.overlapMs) || reconcile.overlapMs < 0) refuse('reconcile.overlapMs', reconcile.overlapMs, 'a whole number from 0 up is wanted')
  if (reconcile.tries < 2) refuse('reconcile.tries', reconcile.tries, 'a position that nothing explains must be seen twice')
  checkKillSettings(settings.kill)
  if (limits.ordersPerWindowMax > ORDERS_PER_WINDOW_LIMIT) refuse('limits.ordersPerWindowMax', limits.ordersPerWindowMax, `more than ${ORDERS_PER_WINDOW_LIMIT}`)
}

/** Entry times that the state remembers for the order rate. */
export const ORDERS_PER_WINDOW_LIMIT = 1000

function positive(field: string, value: string): void {
  if (!DECIMAL.test(value) || !money(value).gt(0)) refuse(field, value, 'a decimal above 0 is wanted')
}

function offset(field: string, value: string): void {
  positive(field, value)
  if (!money(value).lt(100)) refuse(field, value, '100 percent or more')
}

const refuse = (field: string, value: unknown, problem: string): never => fail('RM_TRADING_SETTINGS', { field, value, problem })
