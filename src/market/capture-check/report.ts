import type { WallMs } from '../../core/index.ts'

/** Places listed in full; more are counted only. */
export const LISTED_MAX = 1000

/** Something that is missing between two messages. */
export interface CheckedGap {
  readonly file: string
  readonly line: number
  readonly symbol: string
  readonly of: 'book' | 'trades' | 'candles'
  readonly expected: string
  readonly actual: string
  /** Ids or bars that are not there; 0 where that cannot be said. */
  readonly missing: number
}

/** A line that contradicts itself or the book before it. */
export interface CheckedFault {
  readonly file: string
  readonly line: number
  readonly symbol: string
  readonly what: string
}

export interface CheckedBook {
  readonly symbol: string
  readonly stream: string
  snapshots: number
  updates: number
  bidLevels: number
  askLevels: number
}

/** What a check of recorded files found. */
export interface CaptureReport {
  readonly files: readonly { readonly file: string; readonly format: string; readonly lines: number }[]
  readonly symbols: readonly string[]
  /** Receive time where there is one, else the venue's; NaN for a recording without times. */
  readonly firstMs: WallMs
  readonly lastMs: WallMs
  /** Lines by what they say; a line with several trades is one. */
  readonly messages: Readonly<Record<string, number>>
  readonly books: readonly CheckedBook[]
  readonly gaps: readonly CheckedGap[]
  readonly gapCount: number
  readonly missingCount: number
  /** Connections that the recorder says were lost. */
  readonly knownGaps: number
  readonly faults: readonly CheckedFault[]
  readonly faultCount: number
  readonly checksums: { readonly checked: number; readonly matching: number }
  /** Receive time minus the venue's time, ms; null without both. */
  readonly skewMs: { readonly median: number; readonly min: number; readonly max: number } | null
  /** Longest time between two lines of one file. */
  readonly silence: { readonly ms: number; readonly file: string; readonly line: number } | null
  /** Bars in which nothing traded. */
  readonly emptyBars: number
  /** Deltas that belong to no book: before a snapshot, or in one already; changes of unknown ids. */
  readonly leftOut: { readonly beforeSnapshot: number; readonly inSnapshot: number; readonly unknownId: number }
  readonly notes: readonly string[]
  /** No gap, no fault, every checksum right. */
  readonly sound: boolean
}
