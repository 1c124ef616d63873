import type { Oracle } from '../court.ts'
import type { OracleParts } from './parts.ts'

export function accountOracle(_parts: OracleParts): Oracle {
  return {}
}
