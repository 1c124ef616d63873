import type { Oracle } from '../court.ts'
import type { OracleParts } from './parts.ts'

export function stopsOracle(_parts: OracleParts): Oracle {
  return {}
}
