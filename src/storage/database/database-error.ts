import pg from 'pg'
import { errorLine, RingmasterError } from '../../core/index.ts'

/** By SQLSTATE, the longest beginning first. */
const BY_STATE = [
  ['57014', 'RM_DATABASE_SLOW'],
  ['25006', 'RM_DATABASE_READ_ONLY'],
  ['57P', 'RM_DATABASE_UNREACHABLE'],
  ['08', 'RM_DATABASE_UNREACHABLE'],
  ['53300', 'RM_DATABASE_UNREACHABLE'],
  ['53', 'RM_DATABASE_FULL'],
  ['58', 'RM_DATABASE_FULL'],
  ['28', 'RM_DATABASE_REFUSED'],
  ['3D', 'RM_DATABASE_REFUSED'],
  ['42501', 'RM_DATABASE_REFUSED'],
] as const

/** Serialisation failure, deadlock, unique violation. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '23505'])

/** What a driver or server said, as a coded error: who retries, who asks a person. Coded errors pass as they are. */
export function asDatabaseError(error: unknown, where: string, limitMs: number): RingmasterError {
  if (error instanceof RingmasterError) return error
  const reason = errorLine(error)
  if (error instanceof pg.DatabaseError && error.code !== undefined) {
    const { code: state } = error
    // Two transactions met, or both made the same row: nothing was written.
    if (CONFLICTS.has(state)) return new RingmasterError('RM_DATABASE_CONFLICT', { table: error.table ?? where, key: error.constraint ?? 'transaction', expected: 'of its start' }, error)
    const code = BY_STATE.find(([beginning]) => state.startsWith(beginning))?.[1] ?? 'RM_DATABASE_QUERY'
    return new RingmasterError(code, { where, state, reason, limitMs }, error)
  }
  if (/query read timeout/i.test(reason)) return new RingmasterError('RM_DATABASE_SLOW', { where, reason: 'silence', limitMs }, error)
  return new RingmasterError('RM_DATABASE_UNREACHABLE', { where, reason }, error)
}
