import { errorLabel, type WallMs } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { VenueFill } from '../trading-port.ts'
import { attempt } from '../common/in-turn.ts'
import type { OkxContract } from './contracts.ts'
import type { OkxQueries } from './queries.ts'
import { readFunding } from './rows.ts'
import type { OkxSettings } from './settings.ts'

/** Type of a bill that is a funding payment. */
export const FUNDING_BILL = '8'
/** Bills may carry a time a little before that of the event. */
const REACH_MS = 60_000

/**
 * The stream says that funding was charged, the bills say how much: they are asked, once more after a delay where they
 * lag. A payment may be told twice; it carries the bill's id. Where it is not found in time the next snapshot brings it.
 */
export function askFunding(services: VenueServices, settings: OkxSettings, queries: OkxQueries, contracts: readonly OkxContract[], timeMs: WallMs, tell: (fill: VenueFill) => void): void {
  const round = (last: boolean): void => {
    queries.pages('/api/v5/account/bills', 'bills', [['instType', 'SWAP'], ['type', FUNDING_BILL], ['begin', String(timeMs - REACH_MS)]], 'billId', (error, rows) => {
      const fills: VenueFill[] = []
      const problem = error ?? attempt(() => {
        for (const row of rows) {
          const contract = contracts.find((one) => one.instId === row['instId'])
          if (contract !== undefined && row['type'] === FUNDING_BILL) fills.push(readFunding(row, contract))
        }
      })
      if (problem !== null) services.count('okx_funding_unread', errorLabel(problem))
      else for (const fill of fills) tell(fill)
      if (fills.length > 0) return
      if (!last) services.timers.after(settings.evidenceDelayMs, () => round(true))
      else services.count('okx_funding_not_found')
    })
  }
  round(false)
}
