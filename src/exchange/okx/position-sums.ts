import { ZERO, type Money } from '../../core/index.ts'
import type { Execution, ExchangePort, Position } from '../port.ts'
import { tradeIdText } from './ids.ts'

/** What a position has brought since it was opened. Costs are negative, as this venue writes them. */
export interface PositionSum {
  readonly openedMs: number
  pnl: Money
  fee: Money
  funding: Money
  tradeId: string
}

/** Running sums per position and leg, which the exchange does not keep. A closed position keeps its last ones until the next opens. */
export class PositionSums {
  readonly #exchange: ExchangePort
  readonly #known = new Map<string, PositionSum>()
  readonly #stopListening: () => void

  /** Must listen before whoever asks it in a listener of his own. */
  constructor(exchange: ExchangePort) {
    this.#exchange = exchange
    this.#stopListening = exchange.listen({
      onExecution: (execution) => {
        const sum = this.#known.get(`${execution.account} ${execution.symbol} ${execution.leg}`)
        if (sum !== undefined) add(sum, execution)
      },
    })
  }

  close(): void {
    this.#stopListening()
  }

  of(position: Position): PositionSum {
    const key = `${position.account} ${position.symbol} ${position.leg}`
    const known = this.#known.get(key)
    if (known !== undefined && (known.openedMs === position.openedMs || position.signedLots === 0)) return known
    const sum: PositionSum = { openedMs: position.openedMs, pnl: ZERO, fee: ZERO, funding: ZERO, tradeId: '' }
    const rows = position.openedMs > 0 ? this.#exchange.executions(position.account, { symbol: position.symbol, sinceMs: position.openedMs }).filter((one) => one.leg === position.leg) : []
    for (let i = rows.length - 1; i >= 0; i--) add(sum, rows[i]!)
    this.#known.set(key, sum)
    return sum
  }
}

function add(sum: PositionSum, execution: Execution): void {
  if (execution.kind === 'Funding') {
    sum.funding = sum.funding.minus(execution.fee)
    return
  }
  sum.pnl = sum.pnl.plus(execution.realisedPnl)
  sum.fee = sum.fee.minus(execution.fee)
  sum.tradeId = tradeIdText(execution.executionId)
}
