import { BUY, SELL, type Clock, type WallMs } from '../core/index.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import type { Clearing } from './clearing.ts'
import { changedContract } from './contract.ts'
import type { AnnounceFact, ContractFact } from './ledger/facts.ts'
import type { Market } from './market/market.ts'
import type { Contract, ContractChange } from './port.ts'
import type { SymbolFlow } from './symbol-flow.ts'

/** Terms of a contract after a fact; the same for the running exchange and for a restart. */
export function contractAfter(contract: Contract, fact: ContractFact | AnnounceFact): Contract {
  if (fact.t === 'announce') return { ...contract, upcoming: fact.change === null ? null : { atMs: fact.atMs, change: fact.change } }
  const upcoming = contract.upcoming !== null && contract.upcoming.atMs <= fact.ms ? null : contract.upcoming
  return { ...changedContract(contract, fact.change), upcoming }
}

/**
 * Changes of listed contracts while the exchange runs. Open orders that no longer fit the grid are cancelled by the exchange;
 * a suspended contract takes cancels only and shows no market; a closed one cancels everything and settles every position at
 * the index price.
 */
export class Instruments {
  readonly #clock: Clock
  readonly #clearing: Clearing
  readonly #markets: ReadonlyMap<string, Market>
  readonly #flows: ReadonlyMap<string, SymbolFlow>

  constructor(clock: Clock, clearing: Clearing, markets: ReadonlyMap<string, Market>, flows: ReadonlyMap<string, SymbolFlow>) {
    this.#clock = clock
    this.#clearing = clearing
    this.#markets = markets
    this.#flows = flows
  }

  /** In force at once. @throws RM_EXCHANGE_CONTRACT for terms that contradict each other; nothing has changed then. */
  change(market: Market, change: ContractChange): void {
    const fact: ContractFact = { t: 'contract', symbol: market.contract.symbol, change, ms: this.#clock.wallMs() }
    const before = market.contract
    market.math.revise(contractAfter(before, fact))
    this.#clearing.note(fact)
    const { contract } = market
    if (contract.fundingIntervalMin !== before.fundingIntervalMin) {
      market.mark.setInterval(contract.fundingIntervalMin)
      market.scheduleFunding(this.#clock.wallMs())
    }
    this.#clearing.outbox.push({ kind: 'instrument', contract })
    for (const record of this.#ordersOf(market)) if (contract.status === 'Closed' || !fits(record, contract)) this.#clearing.end(record, 'instrument')
    if (contract.status === 'Closed' && before.status !== 'Closed') this.#settle(market)
    this.#flows.get(contract.symbol)?.regrid()
  }

  /** @param change null takes an announcement back. @throws RM_EXCHANGE_CONTRACT for a change that could not come into force. */
  announce(market: Market, change: ContractChange | null, atMs: WallMs): void {
    if (change !== null) changedContract(market.contract, change)
    const fact: AnnounceFact = { t: 'announce', symbol: market.contract.symbol, atMs, change, ms: this.#clock.wallMs() }
    market.math.revise(contractAfter(market.contract, fact))
    this.#clearing.note(fact)
    this.#clearing.outbox.push({ kind: 'instrument', contract: market.contract })
  }

  /** Brings announced changes into force whose time has come. */
  due(): void {
    const nowMs = this.#clock.wallMs()
    for (const market of this.#markets.values()) {
      const { upcoming } = market.contract
      if (upcoming !== null && upcoming.atMs <= nowMs) this.change(market, upcoming.change)
    }
  }

  #ordersOf(market: Market): OrderRecord[] {
    const found: OrderRecord[] = []
    for (const account of this.#clearing.accounts.all.values()) {
      for (const record of account.open.values()) if (record.symbol === market.contract.symbol) found.push(record)
      for (const record of account.waiting.values()) if (record.symbol === market.contract.symbol) found.push(record)
    }
    return found.sort((a, b) => a.number - b.number)
  }

  #settle(market: Market): void {
    const ticks = Math.max(1, Math.round(market.mark.indexTicks))
    for (const account of this.#clearing.accounts.all.values()) {
      for (const position of account.positions.values()) {
        if (position.math !== market.math || position.signedLots === 0) continue
        const side = position.signedLots > 0 ? SELL : BUY
        this.#clearing.execute(market, account, null, position.leg, 'Settlement', side, ticks, Math.abs(position.signedLots), '0', '0', false)
      }
    }
  }
}

function fits(record: OrderRecord, contract: Contract): boolean {
  const { tickSteps, lotSteps } = contract
  const trigger = record.trigger
  const onGrid = (ticks: number | null): boolean => ticks === null || ticks % tickSteps === 0
  return onGrid(record.priceTicks) && (!record.waiting || trigger!.trail !== null || onGrid(trigger!.ticks)) && (record.lots - record.filledLots) % lotSteps === 0
}

