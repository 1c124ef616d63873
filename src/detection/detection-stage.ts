import { BUY, errorLine, type Instrument, type Nanos, SELL, type WallMs } from '../core/index.ts'
import type { CellWriter } from '../market/index.ts'
import type { DETECTION } from '../memory/index.ts'
import type { ActorContext } from '../runtime/index.ts'
import { DetectorSet, type DetectorWatch } from './detector-set.ts'
import type { DetectorName } from './names.ts'
import type { DetectionSettings } from './settings.ts'

export interface DetectionWiring {
  readonly settings: DetectionSettings
  readonly cell: CellWriter<typeof DETECTION.fields>
}

/**
 * The detectors of a symbol inside the actor that has its book: tells what they say in a cell of shared memory, and what happens to
 * them in log and metrics.
 */
export class DetectionStage implements DetectorWatch {
  readonly set: DetectorSet
  readonly #context: Pick<ActorContext, 'log' | 'count'>
  readonly #cell: CellWriter<typeof DETECTION.fields>
  readonly #told = new Uint8Array(2)

  /** @throws RM_DETECTION_CONFIG */
  constructor(context: Pick<ActorContext, 'log' | 'count'>, instrument: Pick<Instrument, 'tick' | 'lot'>, wiring: DetectionWiring) {
    this.#context = context
    this.#cell = wiring.cell
    this.set = new DetectorSet(wiring.settings, instrument, this)
  }

  onFailed(name: DetectorName, error: unknown): void {
    this.#context.count('detector_failed', name)
    this.#context.log('error', 'a detector failed: trading goes on without that protection', { detector: name, error: errorLine(error) })
  }

  onBack(name: DetectorName): void {
    this.#context.log('info', 'a detector that failed is back', { detector: name })
  }

  /** Writes the cell. @param midTicks of the newest book, NaN for none */
  show(midTicks: number, venueTimeMs: WallMs, nowNs: Nanos): void {
    const { set } = this
    const { levels } = set
    const out = this.#cell.begin()
    out.updatedNs = nowNs
    out.venueTimeMs = venueTimeMs
    const buy = (out.buyConfidence = set.against(BUY))
    const sell = (out.sellConfidence = set.against(SELL))
    out.blocked = (buy > 0 ? 1 : 0) | (sell > 0 ? 2 : 0)
    out.buyDetector = set.detectorAgainst(BUY) + 1
    out.sellDetector = set.detectorAgainst(SELL) + 1
    out.patterns = set.found
    out.running = set.runningBits
    out.missing = set.failedBits
    const support = levels === null ? -1 : levels.below(midTicks)
    const resistance = levels === null ? -1 : levels.above(midTicks)
    out.supportTicks = support < 0 ? -1 : levels!.priceTicks[support]!
    out.supportStrength = support < 0 ? 0 : levels!.strengths[support]!
    out.resistanceTicks = resistance < 0 ? -1 : levels!.priceTicks[resistance]!
    out.resistanceStrength = resistance < 0 ? 0 : levels!.strengths[resistance]!
    this.#cell.end()
    if (this.#told[BUY] !== out.buyDetector) this.#tell(BUY, out.buyDetector)
    if (this.#told[SELL] !== out.sellDetector) this.#tell(SELL, out.sellDetector)
  }

  /** Once when a side becomes blocked, by whom, and why. */
  #tell(side: 0 | 1, detector: number): void {
    this.#told[side] = detector
    if (detector === 0) return
    const { confidence, reason } = this.set.block(side)
    this.#context.count('manipulation_blocks', side === BUY ? 'buy' : 'sell')
    this.#context.log('warn', side === BUY ? 'manipulation against buyers' : 'manipulation against sellers', { confidence, reason })
  }
}
