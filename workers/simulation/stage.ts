import type { VirtualTime } from '../../src/core/index.ts'
import type { VirtualVenue } from '../virtual-venue.ts'
import type { Machine } from './machine.ts'
import type { MemoryDisk } from './memory-disk.ts'
import type { ModelFaults } from './model-faults.ts'
import type { Uplink } from './process-wire.ts'
import type { SettingsVariant } from './settings.ts'

/** What a fault can lay its hands on. */
export interface Stage {
  readonly time: VirtualTime
  readonly venueName: 'bybit' | 'okx'
  readonly venue: VirtualVenue
  readonly symbols: readonly string[]
  readonly machine: Machine
  readonly disk: MemoryDisk
  readonly uplink: Uplink
  readonly model: ModelFaults
  /** Parts of orders of ours fill while their cancels are on the way: so many are still to come, and so many percent of each. */
  readonly fillOnCancel: { left: number; percent: number; struck: number }
  /** A stop begins the moment the next order leaves. */
  readonly stopOnSubmit: { armed: boolean; downMs: number; struck: number }
  /** So many times the connections are cut when the engine hears that a command was refused. */
  readonly cutOnRefusal: { left: number; struck: number }
  /** Since when the file of the kill switch asks for it, written while no engine looked; -1 for never. */
  killFileNs: number
  /** Counts what a fault did, when it does it later than it was armed. */
  readonly note: (name: string, by?: number) => void
  readonly noted: (name: string) => number
  /** Whether the time of faults is over. */
  readonly healed: () => boolean
  readonly restartWith: (variant: SettingsVariant, downMs: number) => void
}
