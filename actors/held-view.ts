import { BUY, type Instrument, SELL } from '../src/core/index.ts'
import { GridScale } from '../src/features/index.ts'
import type { CellReader } from '../src/market/index.ts'
import type { POSITION_VIEW } from '../src/memory/index.ts'
import type { FeatureVectorView, HeldPosition } from '../src/strategies/index.ts'

/** Open in `POSITION_VIEW.state`. */
const OPEN = 2

/** The position of a symbol as strategies look at it, read from the cell that execution writes. */
export class HeldView {
  readonly position: HeldPosition = { side: BUY, entryPrice: 0, price: 0, bestPrice: 0 }
  /** Bit i: strategy i voted for its entry. */
  voters = 0
  readonly #cell: CellReader<typeof POSITION_VIEW.fields>
  readonly #scale: GridScale
  #held = false

  constructor(cell: CellReader<typeof POSITION_VIEW.fields>, instrument: Pick<Instrument, 'tick' | 'lot'>) {
    this.#cell = cell
    this.#scale = new GridScale(instrument)
  }

  /** Looks at the cell with the prices of a vector. @returns whether there is an open position */
  read(vector: FeatureVectorView): boolean {
    const open = this.#cell.read() && this.#cell.value.state === OPEN && this.#cell.value.signedLots !== 0
    if (!open) {
      this.#held = false
      return false
    }
    const { signedLots, entryPrice, voters } = this.#cell.value
    const { position } = this
    const side = signedLots > 0 ? BUY : SELL
    const price = this.#scale.price(side === BUY ? vector.bidTicks : vector.askTicks)
    // A life that finds it open knows its best price from here on.
    if (!this.#held || position.side !== side || position.entryPrice !== entryPrice) position.bestPrice = side === BUY ? Math.max(entryPrice, price) : Math.min(entryPrice, price)
    this.#held = true
    position.side = side
    position.entryPrice = entryPrice
    position.price = price
    position.bestPrice = side === BUY ? Math.max(position.bestPrice, price) : Math.min(position.bestPrice, price)
    this.voters = voters
    return true
  }
}
