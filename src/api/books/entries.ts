import { type DecimalStep, type Money, type Side, ZERO } from '../../core/index.ts'
import type { Position, Purpose } from '../../trading/index.ts'

/** An order as the journal told it, in the steps in which it was counted then. */
export interface OrderEntry {
  readonly id: string
  /** Counts the orders of this reader: the order in which they were intended. */
  readonly number: number
  readonly symbol: string
  readonly purpose: Purpose
  readonly positionId: number
  readonly side: Side
  readonly type: 'limit' | 'market'
  readonly reduceOnly: boolean
  readonly priceTicks: number | null
  readonly tick: DecimalStep | null
  readonly lot: DecimalStep | null
  readonly createdMs: number
  readonly why: string
  /** Bits in the order of the strategies. */
  voters: number
  venueId: string
  lots: number
  filledLots: number
  /** Σ price·size of its fills, quote currency of one coin; of those that this reader has seen. */
  filledValue: Money
  /** Lots in that sum. */
  valuedLots: number
  state: number
  unknown: boolean
  updatedMs: number
  /** 0 while it lives. */
  endedMs: number
  reason: string
  fee: Money
  realised: Money
  fills: number
  /** Bytes at which its records begin. */
  readonly offsets: number[]
}

/** A position, from its entry on; `position` is that of the books, which goes on to change. */
export interface PositionEntry {
  readonly id: number
  readonly symbol: string
  readonly tick: DecimalStep | null
  /** null before its first fill. */
  long: boolean | null
  voters: number
  position: Position | null
  takeProfitTicks: number
  stopLossTicks: number
  /** A rule of ours, or what took it away. */
  exitReason: string | null
  readonly orders: string[]
  readonly offsets: number[]
}

/** A position that has closed. */
export interface TradeEntry {
  readonly number: number
  readonly entry: PositionEntry
  readonly position: Position
  readonly closedMs: number
}

/** Most of a long story that is kept: the first and the newest of it. */
const OFFSETS_MAX = 400

/** Adds a place to a story; of one that never ends the middle goes. */
export function addOffset(offsets: number[], offset: number): void {
  if (offsets.length >= OFFSETS_MAX) offsets.splice(OFFSETS_MAX >> 1, 1)
  offsets.push(offset)
}

export const blankSums = (): Pick<OrderEntry, 'filledValue' | 'valuedLots' | 'fee' | 'realised' | 'fills'> => ({ filledValue: ZERO, valuedLots: 0, fee: ZERO, realised: ZERO, fills: 0 })
