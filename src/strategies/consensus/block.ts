import type { Side } from '../../core/index.ts'
import type { BlockKind } from '../../memory/index.ts'

/** What a detector has against a side at this moment. Reused by its source: read it at once. */
export interface Block {
  readonly kind: BlockKind
  /** 0 to 1 */
  readonly confidence: number
}

/** Asked before every entry; null: nothing speaks against the side. */
export interface BlockSource {
  blocked(side: Side): Block | null
}
