/** What the torture test and its threads share: sizes, and where each durable number of a role stands. */
export const SLOTS = 256
export const RECORD_BYTES = 64
export const BATCH_MAX = 64
export const LOSSY_MAX = 48
export const CELL_F64S = 256
/** Just before the 32-bit words wrap, so that the whole run crosses it. */
export const FIRST_SEQUENCE = 2 ** 32 - 100_000

export const GATING_LINE = 0
export const LOSSY_LINE = 1
/** Opened and closed by the supervisor while the producer works. */
export const VISITOR_LINE = 2

export const DOOR_PRODUCER = 0
export const DOOR_GATING = 1
export const DOOR_LOSSY = 2
export const DOORS = 3

/** Words of the ledger. */
export const STOP = 0
/** Values of STOP: the producer and the cell roles end; then, when nothing more will be published, the consumers. */
export const STOP_WRITING = 1
export const STOP_READING = 2
export const LOSSY_ACCOUNT = 1
/** Numbers of the ledger (f64 index). */
export const HANDLED = 8
export const DUPLICATES = 9
export const CELL_READS = 10
export const CELL_BLANKS = 11
/** Two accounts of next and lost, as the lossy role last finished them. */
export const LOSSY_NEXT = 12
export const LOSSY_LOST = 13
export const LEDGER_BYTES = 256

export type Role = 'producer' | 'gating' | 'lossy' | 'writer' | 'reader'
export const ROLES: readonly Role[] = ['producer', 'gating', 'lossy', 'writer', 'reader']

export interface Task {
  readonly role: Role
  readonly seed: number
  readonly ring: SharedArrayBuffer
  readonly cell: SharedArrayBuffer
  readonly doors: SharedArrayBuffer
  readonly ledger: SharedArrayBuffer
  /** A bit for each sequence that the lossy role got, from FIRST_SEQUENCE on. */
  readonly marks: SharedArrayBuffer
  /** Where the lossy role reads to; it outlives the thread, so that a successor finishes its last batch. */
  readonly out: SharedArrayBuffer
  /** The producer goes no further than this sequence. */
  readonly end: number
}
