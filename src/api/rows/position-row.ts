import { type Money, money, ZERO } from '../../core/index.ts'
import { POSITION_STATES, type SymbolState } from '../../trading/index.ts'
import type { Balance, PositionRow } from '../contract/index.ts'
import type { JournalBooks } from '../books/index.ts'
import type { LiveSymbol, MarketView } from '../live/index.ts'
import { inSteps, strategiesOf } from './order-row.ts'

const PRICE_DECIMALS = 12

/** Profit of what a symbol holds at the price that would close it, quote currency; null without a price that may be used. */
export function unrealisedOf(symbol: SymbolState, live: LiveSymbol | undefined): Money | null {
  const { signedLots, costTickLots } = symbol.ledger
  const now = live?.now
  if (signedLots === 0) return ZERO
  if (now === null || now === undefined || now.source === 'none' || live!.tick.text !== symbol.tick || live!.lot.text !== symbol.lot) return null
  const ticks = signedLots > 0 ? now.bidTicks : now.askTicks
  return ticks < 0 ? null : money(ticks).mul(Math.abs(signedLots)).sub(costTickLots).mul(Math.sign(signedLots)).mul(symbol.unit)
}

/** Positions that are held now. */
export function positionRows(books: JournalBooks, market: MarketView): PositionRow[] {
  return [...books.state.symbols.values()].flatMap((symbol) => positionRow(symbol, books, market) ?? [])
}

export function positionRow(symbol: SymbolState, books: JournalBooks, market: MarketView): PositionRow | null {
  const { position, ledger } = symbol
  if (position === null || ledger.signedLots === 0) return null
  const live = market.of(symbol.symbol)
  const grid = books.grid(symbol.symbol)
  const unrealised = unrealisedOf(symbol, live)
  const value = ledger.costTickLots.mul(symbol.unit)
  const ticks = ledger.signedLots > 0 ? (live?.now?.bidTicks ?? -1) : (live?.now?.askTicks ?? -1)
  const level = (at: number): string | null => (at <= 0 ? null : inSteps(grid?.tick ?? null, at))
  const entryOrder = books.position(position.id)?.orders.find((id) => books.orders.get(id)?.purpose === 'entry')
  return {
    id: String(position.id),
    symbol: symbol.symbol,
    side: ledger.signedLots > 0 ? 'long' : 'short',
    state: POSITION_STATES[position.state]!.toLowerCase(),
    size: inSteps(grid?.lot ?? null, Math.abs(ledger.signedLots)),
    entryPrice: ledger.entryTicks.mul(symbol.tick).toDecimalPlaces(PRICE_DECIMALS).toFixed(),
    price: unrealised === null || live === undefined ? null : live.tick.format(ticks),
    priceAgeMs: live === undefined ? null : market.ageMs(live),
    priceSource: live?.now?.source ?? 'none',
    unrealised: unrealised === null ? null : unrealised.toFixed(),
    unrealisedPercent: unrealised === null || value.isZero() ? null : unrealised.div(value).mul(100).toDecimalPlaces(6).toNumber(),
    realised: position.realised.toFixed(),
    fees: position.fees.toFixed(),
    funding: position.funding.toFixed(),
    takeProfit: level(position.takeProfitTicks),
    stopLoss: level(position.stopLossTicks),
    stopAtVenue: { price: level(symbol.stop.ticks), state: symbol.stop.state, alarm: symbol.stop.alarm },
    exitPlan: position.damage === '' ? 'entry' : 'conservative',
    openedMs: position.openedMs,
    entryOrderId: entryOrder ?? null,
    strategies: strategiesOf(position.voters),
  }
}

/** The account with open positions at the prices of now. */
export function balanceRow(books: JournalBooks, market: MarketView, losses: { readonly dayLoss: number | null; readonly drawdownPercent: number | null }): Balance {
  const account = market.account
  let unrealised = ZERO
  let known = true
  for (const symbol of books.state.symbols.values()) {
    const own = unrealisedOf(symbol, market.of(symbol.symbol))
    if (own === null) known = false
    else unrealised = unrealised.add(own)
  }
  const text = (amount: number | undefined): string | null => (amount === undefined ? null : money(amount).toFixed())
  return {
    currency: 'USDT',
    balance: text(account?.balance),
    used: text(account?.used),
    available: text(account?.available),
    equity: account === null || !known ? null : money(account.balance).add(unrealised).toFixed(),
    unrealised: unrealised.toFixed(),
    ageMs: account?.ageMs ?? null,
    ...losses,
  }
}
