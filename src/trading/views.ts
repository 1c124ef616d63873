import { ACCOUNT_VIEW, POSITION_VIEW, VENUE_STOP_STATES, type Cell } from '../memory/index.ts'
import { money, type Nanos, type SymbolIndex } from '../core/index.ts'
import type { VenueWallet } from '../venues/index.ts'
import type { SymbolState } from './state.ts'

/** Where the execution actor shows positions and the account to everyone else. */
export interface ViewSink {
  position(symbolIndex: SymbolIndex, symbol: SymbolState, nowNs: Nanos): void
  account(wallet: VenueWallet, nowNs: Nanos): void
  /** @param state place in `DEAD_MAN_STATES` */
  deadMan(state: number): void
}

/** State of a symbol's position in `POSITION_VIEW`: 0 flat, 1 opening, 2 open, 3 closing. */
export const positionCode = (symbol: SymbolState): number => (symbol.position === null ? 0 : symbol.position.state + 1)

/** A sink that writes the cells of the registry: `positions[symbolIndex]` of `POSITION_VIEW`, and one of `ACCOUNT_VIEW`. */
export function cellSink(positions: readonly Cell[], account: Cell | null): ViewSink {
  const views = positions.map((cell) => POSITION_VIEW.view(cell.buffer).at(cell.payload))
  const accountView = account === null ? null : ACCOUNT_VIEW.view(account.buffer).at(account.payload)
  return {
    position(symbolIndex, symbol, nowNs) {
      const cell = positions[symbolIndex]
      const view = views[symbolIndex]
      if (cell === undefined || view === undefined) return
      let unknown = 0
      for (const order of symbol.live) if (order.unknown !== '') unknown++
      cell.begin()
      view.signedLots = symbol.ledger.signedLots
      view.entryPrice = symbol.tick === '' ? 0 : symbol.ledger.entryTicks.mul(money(symbol.tick)).toNumber()
      view.takeProfitTicks = symbol.position?.takeProfitTicks ?? 0
      view.stopLossTicks = symbol.position?.stopLossTicks ?? 0
      view.openOrders = symbol.live.length
      view.unknownOrders = unknown
      view.realisedPnl = symbol.ledger.net.toNumber()
      view.updatedNs = nowNs
      view.state = positionCode(symbol)
      view.conservative = symbol.position === null || symbol.position.damage === '' ? 0 : 1
      view.venueStopTicks = symbol.stop.ticks
      view.venueStop = VENUE_STOP_STATES.indexOf(symbol.stop.state)
      view.venueStopAlarm = symbol.stop.alarm ? 1 : 0
      view.voters = symbol.position?.voters ?? 0
      cell.end()
    },
    account(wallet, nowNs) {
      if (account === null || accountView === null) return
      account.begin()
      accountView.balance = Number(wallet.balance)
      accountView.marginUsed = Number(wallet.marginUsed)
      // As the registry defines it (MD-11); the venue's own figure counts unrealised profit in.
      accountView.marginAvailable = money(wallet.balance).sub(money(wallet.marginUsed)).toNumber()
      accountView.marginTotal = Number(wallet.balance)
      accountView.updatedNs = nowNs
      account.end()
    },
    deadMan(state) {
      if (account === null || accountView === null) return
      account.begin()
      accountView.deadMan = state
      account.end()
    },
  }
}
