import { ArchiveSession, ArchiveStore, type Sessions } from '../../../src/storage/index.ts'
import type { TradingRecord } from '../../../src/trading/index.ts'
import { ALL_FAULTS } from '../../trading/support/model-venue.ts'
import { World } from '../../trading/support/world.ts'

export interface PlayedJournal {
  readonly records: readonly TradingRecord[]
  readonly bytes: Buffer
}

/** A journal of trading on a venue that does everything wrong, with a stranger's trade and a death in it. */
export function playedJournal(seed: number, ms = 20_000): PlayedJournal {
  const world = new World(seed, ALL_FAULTS)
  world.start()
  world.trade(ms, 100, () => {})
  world.venue.foreignTrade('AAAUSDT', 0, 5, true)
  world.run(3000)
  world.life.die()
  world.start()
  world.run(5000)
  return { records: world.records(), bytes: Buffer.from(world.journal.bytes()) }
}

export interface SessionOptions {
  readonly batchRecords?: number
  readonly venue?: 'bybit' | 'okx'
  readonly alone?: boolean
  readonly say?: (level: 'info' | 'warn', words: string) => void
}

/** The way of a journal into a database, from where it stands there. */
export const sessionOf = (database: Sessions, journal: string, options: SessionOptions = {}): ArchiveSession =>
  new ArchiveSession({ mark: { hold: async () => {} }, store: new ArchiveStore(database), journal, venue: 'bybit', alone: false, batchRecords: 7, snapshotDays: 30, idempotencyMs: 3_600_000, say: () => {}, ...options })

/** Steps until nothing is left. @returns how many */
export async function archiveAll(session: ArchiveSession): Promise<number> {
  let steps = 0
  while ((await session.step()) === 'more') steps++
  return steps
}
