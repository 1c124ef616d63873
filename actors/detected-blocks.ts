import { BUY, type Side } from '../src/core/index.ts'
import { DETECTORS } from '../src/detection/index.ts'
import type { CellReader } from '../src/market/index.ts'
import type { BlockKind, DETECTION } from '../src/memory/index.ts'
import type { Block, BlockSource } from '../src/strategies/index.ts'

/** Detectors that can block a side, by what a decision calls it. */
const KINDS: readonly BlockKind[] = DETECTORS.map((name) => (name === 'spoofing' || name === 'layering' ? name : 'manipulation'))

/** What the detectors of a symbol have against a side, read from the cell that the features actor writes. */
export class DetectedBlocks implements BlockSource {
  readonly #cell: CellReader<typeof DETECTION.fields>
  readonly #block: { kind: BlockKind; confidence: number } = { kind: 'manipulation', confidence: 0 }

  constructor(cell: CellReader<typeof DETECTION.fields>) {
    this.#cell = cell
  }

  /** A cell that cannot be read blocks nothing: health says that the protection is missing, and trading goes on (SG-19). */
  blocked(side: Side): Block | null {
    if (!this.#cell.read()) return null
    const { blocked, buyDetector, sellDetector, buyConfidence, sellConfidence } = this.#cell.value
    if ((blocked & (side === BUY ? 1 : 2)) === 0) return null
    this.#block.kind = KINDS[(side === BUY ? buyDetector : sellDetector) - 1] ?? 'manipulation'
    this.#block.confidence = side === BUY ? buyConfidence : sellConfidence
    return this.#block
  }
}
