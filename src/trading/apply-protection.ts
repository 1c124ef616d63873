import { isCovered } from './coverage.ts'
import type { OrderIntended, ProtectionFailed, ProtectionIntended, ProtectionSet, TradingRecord } from './records.ts'
import { symbolState, type SymbolState, type TradingState } from './state.ts'
import { STOP_IDS_MAX } from './venue-stop.ts'

/** An entry brings its stop along. What an earlier position left behind keeps its name until the venue has cleared it. */
export function promiseStop(symbol: SymbolState, record: OrderIntended): void {
  const { stop } = symbol
  if (stop.state === 'none') stop.ids.length = 0
  stop.failures = 0
  stop.positionId = symbol.position?.id ?? record.positionId
  stop.state = record.stop === undefined ? (stop.ids.length > 0 ? 'unsure' : 'none') : 'promised'
  stop.ticks = record.stop?.ticks ?? 0
  stop.why = record.stop === undefined ? 'the entry brought none' : 'comes with the entry'
  if (record.stop === undefined) return
  stop.commands++
  keepId(symbol, record.stop.clientId)
}

export function intendProtection(state: TradingState, record: ProtectionIntended): void {
  const symbol = symbolState(state, record.symbol)
  const { stop } = symbol
  stop.commands++
  stop.askedNs = record.atNs
  stop.askedId = record.clientId
  stop.askedTicks = record.stopTicks
  stop.changedNs = record.atNs
  if (stop.positionId !== record.positionId) {
    stop.positionId = record.positionId
    stop.state = 'unsure'
  }
  if (record.stopTicks > 0) keepId(symbol, record.clientId)
}

export function setProtection(state: TradingState, record: ProtectionSet): void {
  const symbol = symbolState(state, record.symbol)
  const { stop } = symbol
  if (record.source === 'answer') stop.askedNs = -1
  stop.changedNs = record.atNs
  stop.failures = 0
  stop.ticks = record.stopTicks
  stop.why = ''
  if (record.stopTicks === 0) {
    stop.state = 'none'
    stop.ids.length = 0
    stop.positionId = -1
  } else {
    stop.positionId = record.positionId
    stop.state = 'resting'
  }
  followPosition(symbol, record)
}

export function failProtection(state: TradingState, record: ProtectionFailed): void {
  const symbol = symbolState(state, record.symbol)
  const { stop } = symbol
  const answered = record.trouble === 'refused' || record.trouble === 'unknown' || record.trouble === 'unsent'
  if (answered) {
    stop.askedNs = -1
    stop.failures++
  }
  stop.changedNs = record.atNs
  stop.why = `${record.trouble}: ${record.text}`
  if (record.trouble === 'leftover') {
    stop.state = 'leftover'
    keepId(symbol, record.clientId)
  } else if (stop.state !== 'leftover') stop.state = record.trouble === 'triggered' || record.trouble === 'cancelled' ? 'triggered' : 'unsure'
  followPosition(symbol, record)
}

/** To be called when the position of a symbol, or what is known of its stop, has changed. */
export function followPosition(symbol: SymbolState, record: TradingRecord): void {
  const { stop, position, ledger } = symbol
  if (ledger.signedLots === 0) {
    stop.nakedNs = -1
    stop.alarm = false
    if (position !== null) return
    // Without a fill the promise went with its entry; what was at the venue may be there still.
    if (stop.state === 'promised') {
      stop.ids.pop()
      stop.state = stop.ids.length === 0 ? 'none' : 'leftover'
    } else if (stop.state !== 'none') stop.state = 'leftover'
    return
  }
  if (stop.state === 'promised') stop.state = 'unsure'
  if (isCovered(symbol)) {
    stop.nakedNs = -1
    stop.alarm = false
  } else if (stop.nakedNs < 0) stop.nakedNs = record.atNs
}

/** The stop has fired: part of it at least. */
export function stopFired(symbol: SymbolState, record: TradingRecord): void {
  symbol.stop.state = 'triggered'
  symbol.stop.changedNs = record.atNs
  symbol.stop.why = 'it fired'
}

/** What a new process knows of a stop is old: it is asked for. */
export function doubtStop(symbol: SymbolState, record: TradingRecord): void {
  const { stop } = symbol
  stop.askedNs = -1
  stop.failures = 0
  stop.changedNs = record.atNs
  stop.nakedNs = -1
  stop.alarm = false
  if (stop.state === 'resting' || stop.state === 'triggered') {
    stop.state = 'unsure'
    stop.why = 'not asked for since the start'
  }
  followPosition(symbol, record)
}

function keepId({ stop }: SymbolState, clientId: string): void {
  if (clientId === '' || stop.ids.includes(clientId)) return
  stop.ids.push(clientId)
  if (stop.ids.length > STOP_IDS_MAX) stop.ids.shift()
}
