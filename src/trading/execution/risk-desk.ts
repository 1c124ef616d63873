import { money, type Nanos, type SymbolIndex } from '../../core/index.ts'
import type { RiskHealth } from '../../runtime/health/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { TradingPort, VenueWallet } from '../../venues/index.ts'
import type { BandSource } from '../bands.ts'
import type { Broken, Clearance, Funds } from '../events.ts'
import { microsText } from '../exposure.ts'
import type { Rules } from '../rules.ts'
import type { SymbolState, TradingState } from '../state.ts'
import { Preflight } from './preflight.ts'
import type { Readiness } from './readiness.ts'
import { Refusals } from './refusals.ts'

/** How often limits, exposure and refusals are shown, where they changed. */
const SHOW_MS = 1000

/** What execution knows beside books and prices when it lets an entry in: account, leverage, price limits; and what it kept out. */
export class RiskDesk {
  readonly preflight: Preflight
  readonly #rules: Rules
  readonly #state: TradingState
  readonly #bands: BandSource
  readonly #context: Pick<ActorContext, 'clock' | 'timers' | 'log' | 'count'>
  readonly #refusals: Refusals
  readonly #onRisk: ((view: RiskHealth) => void) | null
  readonly #clearance: { -readonly [K in keyof Clearance]: Clearance[K] }
  readonly #dust = new Set<string>()
  #funds: Funds | null = null
  #fundsNs: Nanos = Number.NEGATIVE_INFINITY
  #shownNs: Nanos = Number.NEGATIVE_INFINITY
  #shown = ''

  /** @param onRisk takes the view for health, at most once a second and only when it changed */
  constructor(rules: Rules, state: TradingState, trading: TradingPort, bands: BandSource, readiness: Readiness, context: Pick<ActorContext, 'clock' | 'timers' | 'log' | 'count'>, onRisk: ((view: RiskHealth) => void) | null) {
    this.#rules = rules
    this.#state = state
    this.#bands = bands
    this.#context = context
    this.#onRisk = onRisk
    this.#refusals = new Refusals(rules, context)
    this.preflight = new Preflight(rules, trading, context, () => {
      const problems = this.preflight.problems()
      readiness.preflighted(problems.map(({ why }) => why).join('; '), problems.length < rules.symbols.length)
    })
    this.#clearance = { blocked: '', funds: null, leverage: null, band: { highestBuyTicks: Number.NaN, lowestSellTicks: Number.NaN, enabled: true, ageMs: Number.NaN } }
  }

  /** For one decision; the same object each time. */
  clearance(symbolIndex: SymbolIndex): Clearance {
    const clearance = this.#clearance
    const ageMs = (this.#context.clock.nowNs() - this.#fundsNs) / 1e6
    clearance.blocked = this.preflight.blocked(symbolIndex)
    clearance.leverage = this.preflight.leverage(symbolIndex)
    clearance.funds = ageMs <= this.#rules.settings.sizing.accountAgeMsMax ? this.#funds : null
    clearance.band = this.#bands.band(symbolIndex)
    return clearance
  }

  hearWallet(wallet: VenueWallet): void {
    this.#funds = { equity: money(wallet.equity), marginAvailable: money(wallet.marginAvailable) }
    this.#fundsNs = this.#context.clock.nowNs()
  }

  refused(symbolIndex: SymbolIndex, broken: Broken): void {
    this.#refusals.keep(symbolIndex, broken)
  }

  /** What time makes due: alarms about dust, and the view. */
  look(symbols: readonly SymbolState[], nowNs: Nanos): void {
    for (let index = 0; index < symbols.length; index++) this.#lookForDust(index, symbols[index]!)
    if (this.#onRisk === null || nowNs - this.#shownNs < SHOW_MS * 1e6) return
    this.#shownNs = nowNs
    const outcomes = [...this.#state.outcomes.entries()].map(([name, { trades, wins, net }]) => ({ name, trades, wins, net: net.toFixed() }))
    const refusals = this.#refusals.view(this.#state, this.preflight.problems(), [...this.#dust])
    const view: RiskHealth = outcomes.length === 0 ? refusals : { ...refusals, outcomes }
    const text = JSON.stringify(view)
    if (text === this.#shown) return
    this.#shown = text
    this.#onRisk(view)
  }

  stop(): void {
    this.preflight.stop()
  }

  /** A position that is too small for an order of the venue: told once; exits go on, they have no smallest size. */
  #lookForDust(index: SymbolIndex, symbol: SymbolState): void {
    const { signedLots } = symbol.ledger
    if (signedLots === 0 && this.#dust.size === 0) return
    const { instrument, venueMin } = this.#rules.symbols[index]!
    const held = Math.abs(signedLots)
    const small = held > 0 && !symbol.live.some((order) => order.purpose === 'entry') && (held < instrument.minLots || symbol.share.held < venueMin)
    if (!small) return void this.#dust.delete(symbol.symbol)
    if (this.#dust.has(symbol.symbol)) return
    this.#dust.add(symbol.symbol)
    this.#context.count('dust_positions', symbol.symbol)
    this.#context.log('warn', 'what is left of a position is smaller than the smallest order of the venue; it is closed by a reduce-only order', { symbol: symbol.symbol, lots: signedLots, value: microsText(symbol.share.held), minLots: instrument.minLots, minNotional: instrument.minNotional })
  }
}
