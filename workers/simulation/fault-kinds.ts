import type { Random } from '../../src/core/index.ts'
import { runFault } from '../../src/exchange/front/index.ts'
import { PAPER_ACCOUNT } from '../exchange-messages.ts'
import type { StepFields } from './plan.ts'
import { drawVariant, type SettingsVariant } from './settings.ts'
import type { Stage } from './stage.ts'

export type Family = 'network' | 'rest' | 'venue' | 'host' | 'model' | 'operator'

/** One kind of thing that can go wrong. */
export interface FaultKindTerms {
  readonly family: Family
  /** How often a minute, when a seed has it at all: drawn between the two. */
  readonly perMinute: readonly [least: number, most: number]
  /** Drawn only when it is asked for by its name: why. */
  readonly onDemand?: string
  readonly draw: (random: Random, symbols: readonly string[]) => StepFields
  /** Does it, or arms it. @returns how often it struck at once; what strikes later is counted by `struck` or noted */
  readonly apply: (stage: Stage, fields: StepFields) => number | void
  /** How often it has struck so far, where that shows somewhere. `armed`: how often it was applied, in all. */
  readonly struck?: (stage: Stage) => number
}

const ms = (random: Random, from: number, to: number): number => Math.round(random.between(from, to))
const one = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)]!
const num = (fields: StepFields, name: string): number => Number(fields[name])
const str = (fields: StepFields, name: string): string => String(fields[name])

/** Commands of OKX go over its private connection. */
const connectionOf = (stage: Stage, name: string): string => (stage.venueName === 'okx' && name === 'trade' ? 'private' : name)
const fault = (stage: Stage, action: string, fields: StepFields): Readonly<Record<string, unknown>> => runFault(stage.venue.front.faults, action, fields) as Readonly<Record<string, unknown>>
const topicOf = (stage: Stage, symbol: string): string => {
  const { books } = stage.venue.front.faultNames(50)
  return books[stage.symbols.indexOf(symbol)] ?? books[0]!
}
const left = (stage: Stage, field: string): number => Number(stage.venue.front.faults.describe()[field] ?? 0)

/** A fault of frames: its strikes are counted by the front. */
function frames(action: string, connections: readonly string[], more: (random: Random) => StepFields = () => ({})): FaultKindTerms {
  return {
    family: 'network',
    perMinute: [1, 8],
    draw: (random) => ({ connection: one(random, connections), count: 1 + random.below(3), ...more(random) }),
    apply: (stage, fields) => {
      const connection = connectionOf(stage, str(fields, 'connection'))
      // Book frames by their mark; of the others whatever comes next.
      fault(stage, 'frames', { ...fields, action, connection, match: connection === 'public' ? stage.venue.front.faultNames(50).bookMark : '' })
    },
    struck: (stage) => (stage.venue.front.faults.describe()['framesHit'] as Readonly<Record<string, number>>)[action] ?? 0,
  }
}

/** A fault of the front that waits for its occasion; what is left of it stands under `field`. */
function charged(family: Family, action: string, field: string, perMinute: FaultKindTerms['perMinute'], draw: (random: Random) => StepFields, adapt: (stage: Stage, fields: StepFields) => StepFields = (_stage, fields) => fields): FaultKindTerms {
  return {
    family,
    perMinute,
    draw,
    apply: (stage, fields) => {
      stage.note(`${action} armed`, num(fields, 'count'))
      fault(stage, action, adapt(stage, fields))
    },
    struck: (stage) => Math.max(0, stage.noted(`${action} armed`) - left(stage, field)),
  }
}

/** A fault of the front that begins at once. */
function immediate(family: Family, action: string, perMinute: FaultKindTerms['perMinute'], draw: FaultKindTerms['draw'], adapt: (stage: Stage, fields: StepFields) => StepFields = (_stage, fields) => fields, countOf: (answer: Readonly<Record<string, unknown>>) => number = () => 1): FaultKindTerms {
  return { family, perMinute, draw, apply: (stage, fields) => countOf(fault(stage, action, adapt(stage, fields))) }
}

/** A fault that needs an occasion (a position, a resting order) waits for it this long. */
const OCCASION_MS = 10_000
const LOOK_MS = 20
const ENTRY_WAIT_MS = 4_000
/** A person who knows of it acts this much later. */
const PERSON_MS = 4_000

/** A fault that strikes as soon as there is an occasion for it. @param strike returns whether there was */
function occasional(family: Family, kind: string, perMinute: FaultKindTerms['perMinute'], draw: FaultKindTerms['draw'], strike: (stage: Stage, fields: StepFields) => boolean): FaultKindTerms {
  const look = (stage: Stage, fields: StepFields, leftMs: number): void => {
    if (strike(stage, fields)) stage.note(kind)
    else if (leftMs > 0 && !stage.healed()) stage.time.after(LOOK_MS, () => look(stage, fields, leftMs - LOOK_MS))
  }
  return { family, perMinute, draw, apply: (stage, fields) => look(stage, fields, OCCASION_MS), struck: (stage) => stage.noted(kind) }
}

/** A switch has something to take when it fires: the engine dies while an entry of it rests, or after a while in any case. */
function killAtEntry(stage: Stage, downMs: number, leftMs: number): void {
  const rests = stage.venue.exchange.orders(PAPER_ACCOUNT, { open: true }).some((order) => order.priceTicks !== null && !order.reduceOnly)
  if (rests || leftMs <= 0) {
    if (stage.machine.kill(downMs)) stage.note('long-kill')
  } else if (!stage.healed()) stage.time.after(LOOK_MS, () => killAtEntry(stage, downMs, leftMs - LOOK_MS))
}

/** The private connection goes as soon as a position was opened, so that the account is read anew: a wrong answer does its harm where somebody asks. */
function askAgainAtFill(stage: Stage, leftMs: number): void {
  const held = (): number => stage.venue.exchange.positions(PAPER_ACCOUNT).length
  let last = held()
  const look = (restMs: number): void => {
    const now = held()
    if (now > last) return void fault(stage, 'drop-connections', { connection: 'private', code: 1006 })
    last = now
    if (restMs > 0 && !stage.healed()) stage.time.after(LOOK_MS, () => look(restMs - LOOK_MS))
  }
  look(leftMs)
}

/** One that the venue does not have would wait for ever, and keep others from being armed. */
const listPath = (stage: Stage, path: string): string => (path === 'execution' && stage.venueName === 'okx' ? 'fills' : path)

const withConnection = (stage: Stage, fields: StepFields): StepFields => ({ ...fields, connection: connectionOf(stage, str(fields, 'connection')) })
const withTopic = (stage: Stage, { symbol, ...fields }: StepFields): StepFields => ({ ...fields, topic: topicOf(stage, String(symbol)) })
const symbolOf = (random: Random, symbols: readonly string[]): StepFields => ({ symbol: one(random, symbols) })
const CONNECTIONS = ['public', 'private', 'trade', 'all'] as const
const REFUSALS = { bybit: { margin: 110_007, server: 10_016, price: 110_003 }, okx: { margin: 51_008, server: 50_001, price: 51_006 } } as const

/** What is known not to hold today; see docs/reliability.md. */
const GRID = 'after a change of the grid a restart cannot read executions that are off the new one'

/** Everything that a plan can hold, by its name. Each draws from a stream of chance of its own. */
export const FAULTS = {
  'drop-frames': frames('drop', ['public', 'private']),
  'duplicate-frames': frames('duplicate', ['public', 'private', 'trade']),
  'reorder-frames': frames('reorder', ['public', 'private']),
  'delay-frames': frames('delay', ['public', 'private', 'trade'], (random) => ({ delayMs: ms(random, 10, 3_000) })),
  'cut-frames': frames('cut', ['public', 'private', 'trade'], (random) => ({ count: 1, at: random.below(100_000) })),
  silence: immediate('network', 'silence', [0.5, 3], (random) => ({ connection: one(random, CONNECTIONS), forMs: ms(random, 1_000, 30_000) }), withConnection, (answer) => Number(answer['silenced'])),
  'slow-drain': immediate('network', 'slow-drain', [0.5, 3], (random) => ({ connection: one(random, ['public', 'private']), bytesPerSecond: 1_000 * (1 + random.below(20)), forMs: ms(random, 500, 10_000) }), withConnection, (answer) => Number(answer['slowed'])),
  stall: immediate('network', 'stall', [0.5, 4], (random, symbols) => ({ ...symbolOf(random, symbols), forMs: ms(random, 500, 15_000) }), withTopic),
  'drop-connections': immediate('network', 'drop-connections', [0.5, 6], (random) => ({ connection: one(random, CONNECTIONS), code: one(random, [1000, 1001, 1006, 1011]) }), withConnection, (answer) => Number(answer['dropped'])),
  'cut-on-refusal': {
    family: 'network',
    perMinute: [1, 6],
    draw: () => ({ count: 1 }),
    apply: (stage, fields) => {
      stage.cutOnRefusal.left += num(fields, 'count')
      fault(stage, 'limit-rates', { count: num(fields, 'count'), group: stage.venueName === 'okx' ? 'order' : 'create' })
    },
    struck: (stage) => stage.cutOnRefusal.struck,
  },
  'refuse-connections': immediate('network', 'refuse-connections', [0.3, 2], (random) => ({ connection: one(random, CONNECTIONS), forMs: ms(random, 500, 8_000) }), withConnection),
  'refuse-sign-ins': charged('network', 'refuse-sign-ins', 'refusedSignIns', [0.3, 2], (random) => ({ count: 1 + random.below(3), where: one(random, ['any', 'rest', 'stream']) })),
  unplug: {
    family: 'network',
    perMinute: [0.3, 2],
    draw: (random) => ({ forMs: ms(random, 100, 12_000) }),
    apply: (stage, fields) => {
      stage.uplink.unplugged = true
      stage.time.after(num(fields, 'forMs'), () => void (stage.uplink.unplugged = false))
      return stage.machine.cutAll()
    },
  },
  'slow-uplink': {
    family: 'network',
    perMinute: [0.5, 3],
    draw: (random) => ({ delayMs: ms(random, 50, 8_000), forMs: ms(random, 500, 8_000) }),
    apply: (stage, fields) => {
      stage.uplink.delayMs = num(fields, 'delayMs')
      stage.time.after(num(fields, 'forMs'), () => void (stage.uplink.delayMs = 0))
    },
    struck: (stage) => stage.uplink.struck,
  },

  'lose-replies': charged('rest', 'lose-replies', 'lostReplies', [1, 6], (random) => ({ count: 1 + random.below(2), command: one(random, ['any', 'create', 'cancel']) })),
  'fail-replies': charged('rest', 'fail-replies', 'failedReplies', [1, 6], (random) => ({ count: 1, command: one(random, ['any', 'create', 'cancel']), status: one(random, [500, 502, 504]) })),
  'delay-replies': charged('rest', 'delay-replies', 'delayedReplies', [1, 6], (random) => ({ delayMs: ms(random, 50, 8_000), count: 1 + random.below(3), command: 'any' })),
  'limit-rates': charged('rest', 'limit-rates', 'limitedRequests', [0.5, 4], (random) => ({ count: 1 + random.below(5), group: '' })),
  'ban-address': immediate('rest', 'ban-address', [0.05, 0.3], (random) => ({ forMs: ms(random, 1_000, 20_000) })),
  'refuse-commands': charged('rest', 'refuse-commands', 'refusals', [0.5, 6], (random) => ({ count: 1 + random.below(4), command: one(random, ['create', 'cancel', 'any']), reason: one(random, ['margin', 'server', 'price']) }), (stage, { reason, ...fields }) => ({ ...fields, code: REFUSALS[stage.venueName][reason as 'margin'] })),
  'short-lists': {
    family: 'rest',
    perMinute: [0.5, 6],
    draw: (random) => ({ keep: one(random, [0, 0, 1, 2]), path: one(random, ['', 'order', 'position', 'position', 'execution']), reconnect: random.chance(0.75) }),
    apply: (stage, fields) => {
      // One at a time: what is read twice in a row with the same lie cannot be told from the truth.
      if (left(stage, 'shortLists') > 0) return
      stage.note('shorten-lists armed')
      fault(stage, 'shorten-lists', { keep: num(fields, 'keep'), path: listPath(stage, str(fields, 'path')), count: 1 })
      if (fields['reconnect'] === true) askAgainAtFill(stage, OCCASION_MS)
    },
    struck: (stage) => Math.max(0, stage.noted('shorten-lists armed') - left(stage, 'shortLists')),
  },
  'lag-replica': {
    family: 'rest',
    perMinute: [0.5, 3],
    draw: (random) => ({ lagMs: ms(random, 100, 10_000), forMs: ms(random, 1_000, 20_000), reconnect: random.chance(0.8) }),
    apply: (stage, fields) => {
      fault(stage, 'lag-replica', { lagMs: num(fields, 'lagMs') })
      if (fields['reconnect'] === true) askAgainAtFill(stage, num(fields, 'forMs'))
      stage.note('lag-replica')
      const nth = stage.noted('lag-replica')
      // The end of one must not be that of another, which began meanwhile.
      stage.time.after(num(fields, 'forMs'), () => void (stage.noted('lag-replica') === nth && fault(stage, 'lag-replica', { lagMs: 0 })))
      return 1
    },
  },
  'lose-pushes': charged('rest', 'lose-pushes', 'lostPushes', [1, 6], (random) => ({ count: 1 + random.below(3) })),
  'duplicate-pushes': charged('rest', 'duplicate-pushes', 'duplicatePushes', [1, 6], (random) => ({ count: 1 + random.below(5) })),

  'skip-updates': immediate('venue', 'skip-updates', [1, 4], (random, symbols) => ({ ...symbolOf(random, symbols), count: 1 + random.below(3) }), withTopic),
  resnapshot: immediate('venue', 'resnapshot', [0.5, 3], (random, symbols) => ({ ...symbolOf(random, symbols), restart: random.chance(0.4) }), withTopic),
  'partial-fill': charged('venue', 'fill-next', 'partialFills', [1, 10], (random) => ({ count: 1, percent: 1 + random.below(99) })),
  'fill-on-cancel': {
    family: 'venue',
    perMinute: [1, 8],
    draw: (random) => ({ count: 1 + random.below(2), percent: one(random, [30, 60, 100]) }),
    apply: ({ fillOnCancel }, fields) => {
      fillOnCancel.left += num(fields, 'count')
      fillOnCancel.percent = num(fields, 'percent')
    },
    struck: (stage) => stage.fillOnCancel.struck,
  },
  'reject-after-accept': {
    family: 'venue',
    perMinute: [0.5, 4],
    draw: (random) => ({ count: 1 + random.below(2) }),
    apply: (stage, fields) => {
      stage.venue.exchange.operator.rejectNext(PAPER_ACCOUNT, num(fields, 'count'))
      return 1
    },
  },
  'self-trade': occasional('venue', 'self-trade', [1, 4], symbolOf, ({ venue: { exchange } }, fields) => {
    const resting = exchange.orders(PAPER_ACCOUNT, { symbol: str(fields, 'symbol'), open: true }).find((order) => order.priceTicks !== null && !order.reduceOnly)
    if (resting === undefined) return false
    return exchange.operator.orderByHand(PAPER_ACCOUNT, { symbol: resting.symbol, side: resting.side === 0 ? 1 : 0, type: 'limit', priceTicks: resting.priceTicks, lots: resting.lots, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false }).ok
  }),
  deleverage: occasional('venue', 'deleverage', [0.5, 3], (random, symbols) => ({ ...symbolOf(random, symbols), percent: one(random, [40, 100]) }), ({ venue: { exchange } }, fields) => {
    const symbol = str(fields, 'symbol')
    const { signedLots } = exchange.position(PAPER_ACCOUNT, symbol)
    if (signedLots === 0) return false
    const lots = Math.max(1, Math.floor((Math.abs(signedLots) * num(fields, 'percent')) / 100))
    return exchange.operator.deleverage(symbol, signedLots > 0 ? 0 : 1, lots) < lots
  }),
  liquidate: occasional('venue', 'liquidate', [0.3, 1], () => ({}), ({ venue: { exchange } }) => {
    if (exchange.positions(PAPER_ACCOUNT).length === 0) return false
    exchange.operator.liquidate(PAPER_ACCOUNT)
    return true
  }),
  'funding-rate': {
    family: 'venue',
    perMinute: [0.5, 2],
    draw: (random, symbols) => ({ ...symbolOf(random, symbols), rate: random.between(-0.003, 0.003) }),
    apply: ({ venue: { exchange } }, fields) => {
      exchange.operator.setFundingRate(str(fields, 'symbol'), num(fields, 'rate'))
      return 1
    },
  },
  'tick-change': {
    family: 'venue',
    onDemand: GRID,
    perMinute: [0.1, 0.5],
    draw: (random, symbols) => ({ ...symbolOf(random, symbols), steps: one(random, [2, 5, 10]) }),
    apply: ({ venue: { exchange } }, fields) => {
      exchange.operator.changeContract(str(fields, 'symbol'), { tickSteps: num(fields, 'steps') })
      return 1
    },
  },
  'lot-change': {
    family: 'venue',
    onDemand: GRID,
    perMinute: [0.1, 0.5],
    draw: (random, symbols) => ({ ...symbolOf(random, symbols), steps: one(random, [2, 5]) }),
    apply: ({ venue: { exchange } }, fields) => {
      const steps = num(fields, 'steps')
      const contract = exchange.contract(str(fields, 'symbol'))!
      exchange.operator.changeContract(contract.symbol, { lotSteps: steps, minLots: Math.max(contract.minLots, 1) * steps })
      return 1
    },
  },
  suspend: {
    family: 'venue',
    perMinute: [0.3, 1.5],
    draw: (random, symbols) => ({ ...symbolOf(random, symbols), forMs: ms(random, 1_000, 15_000) }),
    apply: ({ venue: { exchange }, time }, fields) => {
      const symbol = str(fields, 'symbol')
      if (exchange.contract(symbol)!.status !== 'Trading') return 0
      exchange.operator.changeContract(symbol, { status: 'Suspended' })
      time.after(num(fields, 'forMs'), () => {
        if (exchange.contract(symbol)!.status === 'Suspended') exchange.operator.changeContract(symbol, { status: 'Trading' })
      })
      return 1
    },
  },
  delist: {
    family: 'venue',
    perMinute: [0.1, 0.3],
    draw: symbolOf,
    apply: (stage, fields) => {
      const { exchange } = stage.venue
      const symbol = str(fields, 'symbol')
      // One at least stays: an engine without a symbol is none.
      if (exchange.contracts.filter(({ status }) => status !== 'Closed').length < 2 || exchange.contract(symbol)!.status !== 'Trading') return 0
      exchange.operator.changeContract(symbol, { status: 'Closed' })
      // A person takes it out of the settings: no engine starts with a symbol that is not listed.
      stage.time.after(PERSON_MS, () => void stage.machine.stopAndStart(0))
      return 1
    },
  },
  maintenance: immediate('venue', 'plan-maintenance', [0.2, 1], (random) => ({ afterMs: ms(random, 0, 5_000), forMs: ms(random, 1_000, 10_000), by: one(random, ['http', 'code']) })),
  'venue-clock': immediate('venue', 'skew-clock', [0.5, 3], (random) => ({ ms: ms(random, -5_000, 5_000) })),

  kill: {
    family: 'host',
    perMinute: [0.5, 4],
    draw: (random) => ({ downMs: ms(random, 0, 4_000) }),
    apply: (stage, fields) => (stage.machine.kill(num(fields, 'downMs')) ? 1 : 0),
  },
  'long-kill': {
    family: 'host',
    perMinute: [0.2, 0.8],
    // Longer than any dead-man switch at the venue waits.
    draw: (random) => ({ downMs: ms(random, 12_500, 20_000) }),
    apply: (stage, fields) => killAtEntry(stage, num(fields, 'downMs'), ENTRY_WAIT_MS),
    struck: (stage) => stage.noted('long-kill'),
  },
  'kill-at-write': {
    family: 'host',
    perMinute: [1, 6],
    draw: (random) => ({ where: one(random, ['before', 'torn', 'after']), skip: random.below(12), downMs: ms(random, 0, 4_000) }),
    apply: (stage, fields) => {
      stage.machine.downMs = num(fields, 'downMs')
      stage.disk.arm(str(fields, 'where') as 'before', num(fields, 'skip'))
    },
    struck: ({ disk: { struck } }) => struck.before + struck.torn + struck.after,
  },
  'power-cut': {
    family: 'host',
    perMinute: [0.5, 2],
    draw: (random) => ({ keep: random.next(), zeros: random.chance(0.3), downMs: ms(random, 500, 5_000) }),
    // Without the setting that waits for the disk a power cut may take anything: nothing could be held against the engine.
    apply: (stage, fields) => (stage.machine.cutPower(num(fields, 'keep'), fields['zeros'] === true, num(fields, 'downMs')) ? 1 : 0),
  },
  'disk-full': {
    family: 'host',
    perMinute: [0.5, 2],
    draw: (random) => ({ forMs: ms(random, 200, 8_000) }),
    apply: ({ disk, time }, fields) => {
      disk.full = true
      time.after(num(fields, 'forMs'), () => void (disk.full = false))
    },
    struck: ({ disk }) => disk.struck.full,
  },
  'failing-flush': {
    family: 'host',
    perMinute: [0.5, 2],
    draw: (random) => ({ forMs: ms(random, 200, 5_000) }),
    apply: ({ disk, time }, fields) => {
      disk.failFlushes = true
      time.after(num(fields, 'forMs'), () => void (disk.failFlushes = false))
    },
    struck: ({ disk }) => disk.struck.flush,
  },
  'slow-disk': {
    family: 'host',
    perMinute: [0.5, 2],
    // From a busy disk to one that hangs: evenly over the orders of magnitude.
    draw: (random) => ({ writeMs: Math.round(5 * 500 ** random.next()), forMs: ms(random, 200, 8_000) }),
    apply: ({ disk, time }, fields) => {
      disk.slowMs = num(fields, 'writeMs')
      time.after(num(fields, 'forMs'), () => void (disk.slowMs = 0))
    },
    struck: ({ disk }) => disk.struck.slow,
  },
  pause: {
    family: 'host',
    perMinute: [0.5, 6],
    // From a long garbage collection to a machine that swaps: evenly over the orders of magnitude.
    draw: (random) => ({ forMs: Math.round(50 * 200 ** random.next()) }),
    apply: (stage, fields) => stage.machine.pause(num(fields, 'forMs')),
  },
  'wall-clock': {
    family: 'host',
    perMinute: [0.5, 3],
    draw: (random) => ({ skewMs: ms(random, -5_000, 5_000) }),
    apply: (stage, fields) => stage.machine.skewClock(num(fields, 'skewMs')),
  },
  'actor-crash': {
    family: 'host',
    perMinute: [0.5, 4],
    draw: (random, symbols) => ({ actor: one(random, ['execution', 'execution', ...symbols.flatMap((symbol) => [`ingest:${symbol}`, `features:${symbol}`, `inference:${symbol}`])]) }),
    apply: (stage, fields) => stage.machine.plant(str(fields, 'actor')),
  },
  'second-start': {
    family: 'host',
    perMinute: [0.2, 1],
    draw: (random) => ({ bothMs: ms(random, 500, 10_000) }),
    apply: (stage, fields) => (stage.machine.startSecond(num(fields, 'bothMs')) ? 1 : 0),
  },

  'bad-decision': {
    family: 'model',
    perMinute: [1, 10],
    draw: (random) => ({ what: one(random, ['nan', 'infinite', 'negative', 'side', 'old']), count: 1 + random.below(3) }),
    apply: (stage, fields) => stage.model.arm(str(fields, 'what') as 'nan', num(fields, 'count')),
    struck: (stage) => stage.model.struckBad,
  },
  'frozen-model': {
    family: 'model',
    perMinute: [0.5, 3],
    draw: (random, symbols) => ({ ...symbolOf(random, symbols), forMs: ms(random, 1_000, 15_000) }),
    apply: (stage, fields) => stage.model.freeze(stage.symbols.indexOf(str(fields, 'symbol')), num(fields, 'forMs')),
    struck: (stage) => stage.model.struckFrozen,
  },

  stop: {
    family: 'operator',
    perMinute: [0.3, 2],
    draw: (random) => ({ downMs: ms(random, 100, 4_000) }),
    apply: (stage, fields) => (stage.machine.stopAndStart(num(fields, 'downMs')) ? 1 : 0),
  },
  'stop-in-submit': {
    family: 'operator',
    perMinute: [0.3, 2],
    draw: (random) => ({ downMs: ms(random, 100, 4_000) }),
    apply: ({ stopOnSubmit }, fields) => {
      stopOnSubmit.armed = true
      stopOnSubmit.downMs = num(fields, 'downMs')
    },
    struck: (stage) => stage.stopOnSubmit.struck,
  },
  'manual-trade': {
    family: 'operator',
    perMinute: [0.3, 2],
    draw: (random, symbols) => ({ ...symbolOf(random, symbols), side: random.below(2), percent: 20 + random.below(200) }),
    apply: ({ venue: { exchange } }, fields) => {
      const symbol = str(fields, 'symbol')
      const held = Math.abs(exchange.position(PAPER_ACCOUNT, symbol).signedLots)
      const contract = exchange.contract(symbol)!
      const lots = Math.max(contract.minLots, Math.ceil(((held === 0 ? 10 : held) * num(fields, 'percent')) / 100 / contract.lotSteps) * contract.lotSteps)
      return exchange.operator.orderByHand(PAPER_ACCOUNT, { symbol, side: num(fields, 'side') as 0 | 1, type: 'market', priceTicks: null, lots, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false }).ok ? 1 : 0
    },
  },
  'manual-close': occasional('operator', 'manual-close', [0.3, 2], (random, symbols) => ({ ...symbolOf(random, symbols), part: random.chance(0.5) }), ({ venue: { exchange } }, fields) => {
    const symbol = str(fields, 'symbol')
    const { signedLots } = exchange.position(PAPER_ACCOUNT, symbol)
    if (signedLots === 0) return false
    const lots = fields['part'] === true ? Math.max(1, Math.floor(Math.abs(signedLots) / 2)) : null
    return exchange.operator.closeByHand(PAPER_ACCOUNT, symbol, 'net', lots).ok
  }),
  'manual-cancel': occasional('operator', 'manual-cancel', [0.5, 4], symbolOf, (stage, fields) => stage.venue.front.faults.accounts.cancelOrders(str(fields, 'symbol')) > 0),
  'kill-switch': {
    family: 'operator',
    perMinute: [0.3, 2],
    draw: (random) => ({ way: one(random, ['command', 'command', 'file']), flatten: random.chance(0.3) }),
    apply: (stage, fields) => {
      const flatten = fields['flatten'] === true
      if (fields['way'] === 'command') return stage.machine.tell({ type: 'kill', by: 'command', why: 'drill', flatten }) ? 1 : 0
      const { killStore } = stage.disk
      if (killStore.look() !== null) return 0
      const atMs = stage.time.wallMs()
      killStore.engage({ id: `drill-${atMs}`, by: 'cli', code: 'manual', reason: 'drill', flatten, values: {} }, atMs)
      stage.killFileNs = stage.time.nowNs()
      return 1
    },
  },
  'new-settings': {
    family: 'operator',
    perMinute: [0.3, 1.5],
    draw: (random) => ({ ...drawVariant(random), downMs: ms(random, 100, 3_000) }),
    apply: (stage, fields) => {
      stage.restartWith(fields as unknown as SettingsVariant, num(fields, 'downMs'))
      return 1
    },
  },
} as const satisfies Readonly<Record<string, FaultKindTerms>>

export type FaultKind = keyof typeof FAULTS
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[]
export const faultTerms = (kind: string): FaultKindTerms => FAULTS[kind as FaultKind]
