import type { Oracle } from '../court.ts'
import { accountOracle } from './account.ts'
import { booksOracle } from './books.ts'
import { deadManOracle } from './dead-man.ts'
import { exitsOracle } from './exits.ts'
import { fillsOracle } from './fills.ts'
import { killOracle } from './kill.ts'
import { marketOracle } from './market.ts'
import { ordersOracle } from './orders.ts'
import type { OracleParts } from './parts.ts'
import { protectionOracle } from './protection.ts'
import { stopsOracle } from './stops.ts'
import { wireOracle } from './wire.ts'

export type { OracleParts } from './parts.ts'

/** Every judge, one family of rows each. */
export const makeOracles = (parts: OracleParts): readonly Oracle[] => [
  ordersOracle(parts), fillsOracle(parts), booksOracle(parts), exitsOracle(parts), stopsOracle(parts), marketOracle(parts), wireOracle(parts), accountOracle(parts), protectionOracle(parts), deadManOracle(parts), killOracle(parts),
]
