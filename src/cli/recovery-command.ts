import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from '../core/index.ts'
import { readHealthToken } from '../runtime/health/index.ts'
import type { HangingResult, RecoveryReport } from '../trading/index.ts'
import { EXIT } from './exit-codes.ts'
import { HealthClient } from './health-client.ts'
import { renderTable } from './table.ts'

export interface RecoverTarget {
  readonly url: string
  readonly token: string | undefined
  readonly dataDir: string
  readonly json: boolean
  /** Shows the last report instead of asking for a new run. */
  readonly last: boolean
}

/** How long the report of a run is waited for; a run takes a few tries of some seconds. */
const WAIT_MS = 60_000
const POLL_MS = 250

/** `ringmaster recover`. @returns `ok` when books and venue agree. @throws RM_USAGE without a token, RM_NOT_RUNNING, RM_HEALTH_ANSWER */
export async function recover({ url, token, dataDir, json, last }: RecoverTarget, print: (text: string) => void): Promise<number> {
  const client = new HealthClient(url)
  const show = (report: RecoveryReport | null): number => {
    print(json ? `${JSON.stringify(report)}\n` : report === null ? 'there was no recovery yet\n' : renderRecovery(report))
    return report?.outcome === 'agreed' ? EXIT.ok : EXIT.unhealthy
  }
  if (last) return show(await client.lastRecovery<RecoveryReport>())
  const used = token ?? readHealthToken(dataDir) ?? fail('RM_USAGE', { what: '--token', problem: `there is none in ${dataDir} either; the engine prints it at its first start` })
  const request = await client.triggerRecovery(used)
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    await sleep(POLL_MS)
    const report = await client.lastRecovery<RecoveryReport>()
    if (report?.requests.includes(request) === true) return show(report)
  }
  print(`${request} was accepted and has not ended within ${WAIT_MS / 1000} s; see "ringmaster recover --last"\n`)
  return EXIT.unhealthy
}

/** A report in words. */
export function renderRecovery(report: RecoveryReport): string {
  const { outcome, reason, startedMs, endedMs, problem, epoch, ordersRestored, positionsRestored, positionsAdopted, ordersAdopted, hanging, frozen } = report
  const words = { agreed: 'the books and the venue agree', waiting: 'waits for a person; nothing was changed, this is what would be done', failed: 'FAILED, it is tried again' }
  const lines = [
    `recovery ${report.number} of epoch ${epoch} (${reason}): ${words[outcome]}${problem === '' ? '' : `: ${problem}`}`,
    `  ${new Date(startedMs).toISOString()}, ${endedMs - startedMs} ms`,
    `  restored   orders ${counts(ordersRestored)}; positions ${counts(positionsRestored)}`,
    `  booked     ${report.fillsBooked} fills that nobody had seen, ${report.fundingBooked} funding payments${report.balance === '' ? '' : `; balance ${report.balance}`}`,
    ...positionsAdopted.map((one) => `  position   ${one.symbol} ${one.fromLots} -> ${one.toLots} lots: ${one.why}`),
    ...ordersAdopted.map((one) => `  order      ${one.symbol} ${one.clientId} (${one.venueId}) was found without an intent and is called back`),
    ...frozen.map((one) => `  frozen     ${one.symbol} ${one.code}: ${one.why}`),
    `  hanging    ${hanging.length === 0 ? 'none' : `${hanging.length}, ${hanging.filter((one) => one.resolved).length} of them settled`}`,
  ]
  const table = hanging.length === 0 ? '' : renderTable(['ORDER', 'CLIENT ID', 'SYMBOL', 'HERE', 'ISSUE', 'VENUE', 'REASON'], hanging.map(hangingRow))
  return `${lines.join('\n')}\n${table}`
}

const counts = (by: Readonly<Record<string, number>>): string => Object.entries(by).map(([state, number]) => `${number} ${state}`).join(', ') || 'none'

const hangingRow = (one: HangingResult): string[] => [one.venueId || '-', one.clientId, one.symbol, one.localState, one.issue, one.venueStatus || '-', `${one.reason}${one.resolved ? '' : ' (being asked about)'}`]
