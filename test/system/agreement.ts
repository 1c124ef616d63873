import { BUY, money, type Money, ZERO } from '../../src/core/index.ts'
import { apply, createState, parseClientId, type FillBooked, type FundingBooked, readJournal, type TradingState, verifyJournal } from '../../src/trading/index.ts'
import type { AccountTruth } from './account-truth.ts'

/** What a journal says, gathered in one pass. */
export interface JournalTruth {
  readonly path: string
  readonly state: TradingState
  /** Client ids of order intents; one that is written twice does not fold. */
  readonly intents: ReadonlySet<string>
  /** Names of stops that the venue was asked to keep. */
  readonly stops: ReadonlySet<string>
  /** By execution id: every record that books it. */
  readonly fills: ReadonlyMap<string, readonly (FillBooked | FundingBooked)[]>
  /** What must not happen when nobody else trades on the account. */
  readonly oddities: readonly string[]
  /** At each of the given moments: live orders, and positions that are held. */
  readonly exposureAt: readonly { readonly orders: number; readonly positions: number }[]
}

const exposure = (state: TradingState): { orders: number; positions: number } => {
  let orders = 0
  let positions = 0
  for (const symbol of state.symbols.values()) {
    orders += symbol.live.length
    if (symbol.ledger.signedLots !== 0) positions++
  }
  return { orders, positions }
}

/** Folds a journal. @param momentsMs wall times, rising, at which the exposure is to be told */
export function journalTruth(path: string, momentsMs: readonly number[] = []): JournalTruth {
  const state = createState()
  const intents = new Set<string>()
  const stops = new Set<string>()
  const fills = new Map<string, (FillBooked | FundingBooked)[]>()
  const oddities: string[] = []
  const exposureAt: { orders: number; positions: number }[] = []
  for (const { record, sequence } of readJournal(path)) {
    while (exposureAt.length < momentsMs.length && record.atMs > momentsMs[exposureAt.length]!) exposureAt.push(exposure(state))
    apply(state, record)
    if (record.kind === 'order-intended') {
      intents.add(record.clientId)
      if (record.stop !== undefined && record.stop.clientId !== '') stops.add(record.stop.clientId)
    } else if (record.kind === 'protection-intended') {
      if (record.clientId !== '') stops.add(record.clientId)
    } else if (record.kind === 'fill-booked' || record.kind === 'funding-booked') {
      fills.set(record.executionId, [...(fills.get(record.executionId) ?? []), record])
      if (record.kind === 'fill-booked' && (record.note === 'foreign' || record.note === 'overfill' || record.note === 'unlisted' || record.note === 'venue'))
        oddities.push(`record ${sequence}: fill ${record.executionId} of ${record.symbol} is booked as '${record.note}'`)
    } else if (record.kind === 'position-adopted') oddities.push(`record ${sequence}: ${record.symbol} was taken over from the venue, ${record.fromLots} → ${record.toLots} lots: ${record.why}`)
    else if (record.kind === 'order-adopted') oddities.push(`record ${sequence}: order ${record.clientId} of ${record.symbol} was found at the venue without an intent`)
    else if (record.kind === 'symbol-frozen' && record.code !== 'mismatch') oddities.push(`record ${sequence}: ${record.symbol} is frozen (${record.code}): ${record.why}`)
    else if (record.kind === 'transition-refused') oddities.push(`record ${sequence}: ${record.entity} ${record.id} of ${record.symbol} refused '${record.event}' in ${record.from}: ${record.why}`)
  }
  while (exposureAt.length < momentsMs.length) exposureAt.push(exposure(state))
  return { path, state, intents, stops, fills, oddities, exposureAt }
}

/** An intent without its attempt. Exits are numbered over all epochs, decisions within one. */
function intentOf(clientId: string): string | null {
  const parts = parseClientId(clientId)
  if (parts === null) return null
  const { intent, epoch } = parts
  return intent.kind === 'exit' ? `exit ${intent.n} of position ${intent.positionId}` : intent.kind === 'decision' ? `epoch ${epoch}, symbol ${intent.symbolIndex}, decision ${intent.sequence}` : clientId
}

/** Where the journal and the exchange differ, one line each, by what it would cost. Both must be at rest. */
export interface Disagreements {
  readonly duplicateOrders: readonly string[]
  readonly unknownOrders: readonly string[]
  readonly executions: readonly string[]
  readonly positions: readonly string[]
  readonly stops: readonly string[]
  readonly journal: readonly string[]
}

/** Compares everything. @param startingBalance quote currency */
export function disagreements(ours: JournalTruth, theirs: AccountTruth, startingBalance: string): Disagreements {
  const report = verifyJournal(ours.path)
  return {
    duplicateOrders: duplicateOrders(theirs),
    unknownOrders: unknownOrders(ours, theirs),
    executions: differingExecutions(ours, theirs),
    positions: differingPositions(ours, theirs, startingBalance),
    stops: differingStops(ours, theirs),
    journal: [...(report.firstError === null ? [] : [report.firstError]), ...ours.oddities],
  }
}

export const linesOf = (found: Disagreements): string[] => Object.entries(found).flatMap(([what, lines]: [string, readonly string[]]) => lines.map((line) => `${what}: ${line}`))

function duplicateOrders({ orders }: AccountTruth): string[] {
  const named = orders.filter((order) => !order.conditional && order.clientId !== '')
  const lines: string[] = []
  const byIntent = new Map<string, string[]>()
  for (const { clientId, venueId } of named) {
    const intent = intentOf(clientId)
    if (intent !== null) byIntent.set(intent, [...(byIntent.get(intent) ?? []), `${clientId} (${venueId})`])
  }
  for (const [intent, ids] of byIntent) if (ids.length > 1) lines.push(`${intent} became ${ids.join(' and ')}`)
  return lines
}

function unknownOrders({ intents, stops, state }: JournalTruth, { orders }: AccountTruth): string[] {
  const lines: string[] = []
  const live = new Set([...state.symbols.values()].flatMap((symbol) => symbol.live.map((order) => order.clientId)))
  for (const { clientId, venueId, symbol, conditional, open } of orders) {
    const known = conditional ? clientId === '' || stops.has(clientId) || intents.has(clientId) : intents.has(clientId) || parseClientId(clientId)?.intent.kind === 'watchdog'
    if (!known) lines.push(`${symbol} ${venueId} '${clientId}' has no intent in the journal`)
    if (!open && live.has(clientId)) lines.push(`${symbol} ${clientId} has ended at the venue and lives in the journal`)
    if (open && !conditional && !live.has(clientId)) lines.push(`${symbol} ${clientId} is open at the venue and ended in the journal`)
  }
  return lines
}

function differingExecutions({ fills, state }: JournalTruth, { executions }: AccountTruth): string[] {
  const lines: string[] = []
  const told = new Set<string>()
  for (const one of executions) {
    const { executionId, symbol, clientId } = one
    if (told.has(executionId)) lines.push(`${executionId} is told twice by the exchange`)
    told.add(executionId)
    const booked = fills.get(executionId) ?? []
    if (booked.length !== 1) {
      lines.push(`${symbol} ${executionId} of '${clientId}', ${one.buy ? 'buy' : 'sell'} ${one.size} at ${one.price}, is booked ${booked.length} times`)
      continue
    }
    const [record] = booked as [FillBooked | FundingBooked]
    const differs = (what: string, here: string, there: string): void => void lines.push(`${symbol} ${executionId}: ${what} ${here} here, ${there} there`)
    if (!money(record.fee).eq(money(one.fee))) differs('fee', record.fee, one.fee)
    if ((record.kind === 'funding-booked') !== one.funding) differs('kind', record.kind, one.funding ? 'funding' : 'trade')
    if (record.kind === 'funding-booked') continue
    const { tick, lot } = state.symbols.get(symbol)!
    const size = money(lot).mul(record.lots)
    const price = record.priceText === null ? money(tick).mul(record.priceTicks) : money(record.priceText)
    if (record.symbol !== symbol) differs('symbol', record.symbol, symbol)
    if ((record.side === BUY) !== one.buy) differs('side', String(record.side), one.buy ? 'buy' : 'sell')
    if (!size.eq(money(one.size))) differs('size', size.toFixed(), one.size)
    if (!price.eq(money(one.price))) differs('price', price.toFixed(), one.price)
    if (record.note === '' && record.clientId !== clientId) differs('order', record.clientId, clientId)
  }
  for (const executionId of fills.keys()) if (!told.has(executionId)) lines.push(`${executionId} is booked here and the exchange does not know it`)
  return lines
}

function differingPositions({ state }: JournalTruth, { positions, balance }: AccountTruth, startingBalance: string): string[] {
  const lines: string[] = []
  let cash: Money = money(startingBalance)
  for (const [symbol, { ledger, lot }] of state.symbols) {
    const ours = lot === '' ? ZERO : money(lot).mul(ledger.signedLots)
    const theirs = positions.get(symbol) ?? '0'
    if (!ours.eq(money(theirs))) lines.push(`${symbol}: ${ours.toFixed()} here, ${theirs} there`)
    cash = cash.add(ledger.net)
  }
  for (const [symbol, size] of positions) if (!state.symbols.has(symbol)) lines.push(`${symbol}: not here, ${size} there`)
  // The exchange writes 18 digits.
  if (!cash.toDecimalPlaces(18).eq(money(balance))) lines.push(`cash: ${cash.toFixed()} here, ${balance} there`)
  return lines
}

function differingStops({ state }: JournalTruth, { orders, positions }: AccountTruth): string[] {
  const lines: string[] = []
  for (const [symbol, { stop }] of state.symbols) {
    const resting = orders.filter((order) => order.symbol === symbol && order.open && order.conditional && order.reduceOnly).length
    const wanted = positions.has(symbol) ? 1 : 0
    if (resting !== wanted) lines.push(`${symbol}: ${resting} stops rest where ${wanted} is wanted`)
    if ((stop.state === 'resting') !== (wanted === 1)) lines.push(`${symbol}: a position of ${positions.get(symbol) ?? '0'}, and the journal has its stop as '${stop.state}'`)
  }
  return lines
}
