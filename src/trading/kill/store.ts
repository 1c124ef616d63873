import type { KillOrder } from './records.ts'

/** What the kill switch keeps beside the journal, so that a journal that is new or lost does not forget it. */
export interface KillStore {
  /**
   * What asks to be engaged: the side file, or the file that a person touched (without an id). A side file that cannot
   * be read asks, too. null when nothing does.
   */
  look(): KillOrder | null
  /** The file by which a person stops the engine is there, and its path. While it is, nothing is released. */
  touched(): string | null
  /** Remembers that it is engaged. Returns when a dead machine loses nothing of it. @throws RM_KILL_FILE */
  engage(order: KillOrder, sinceMs: number): void
  /** Remembers that this engagement was released. @throws RM_KILL_FILE */
  release(id: string, atMs: number): void
}

/** A store without a disk, for backtests and simulations. */
export class MemoryKillStore implements KillStore {
  order: KillOrder | null = null
  touchedPath: string | null = null

  look(): KillOrder | null {
    return this.touchedPath === null ? this.order : touchOrder(this.touchedPath, '')
  }

  touched(): string | null {
    return this.touchedPath
  }

  engage(order: KillOrder): void {
    this.order = order
  }

  release(): void {
    this.order = null
  }
}

/** The order of a file that a person touched; its words are the reason, and `flatten` among them closes positions. */
export const touchOrder = (path: string, words: string): KillOrder => ({
  id: '',
  by: 'file',
  code: 'manual',
  reason: words === '' ? `${path} is there` : `${path}: ${words}`,
  flatten: /\bflatten\b/i.test(words),
  values: {},
})
