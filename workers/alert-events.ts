import type { RingmasterError } from '../src/core/index.ts'
import { STRATEGY_NAMES } from '../src/memory/index.ts'
import type { Alert } from '../src/telemetry/index.ts'
import type { CountGrowth } from '../src/telemetry/root/index.ts'
import type { RecoveryReport } from '../src/trading/index.ts'

/** A process has ended and is started again. */
export function processEnded(name: string, error: RingmasterError, severity: Alert['severity'] = 'warning'): Alert {
  return { key: `process:${name}`, severity, title: `The ${name} process ended and is started again`, text: error.message }
}

/** A process ended more often than its limit allows. */
export function processGivenUp(name: string, error: RingmasterError, consequence: string): Alert {
  return { key: `given-up:${name}`, severity: 'critical', title: `The ${name} process cannot be kept alive: ${consequence}`, text: error.message }
}

/** What the watchdog did while nobody was there to be told. */
export function watchdogActed(lines: readonly { readonly at: string; readonly event: string; readonly text: string }[]): Alert {
  return { key: 'watchdog-acted', severity: 'critical', title: 'The watchdog acted for an engine that was dead', text: lines.map(({ at, event, text }) => `${at} ${event}: ${text}`).join('\n') }
}

/** A run of recovery: what it found that a person should know; null for an audit that found nothing. */
export function recovered(report: RecoveryReport): Alert | null {
  const { outcome, problem, frozen, hanging, positionsAdopted, ordersAdopted, reason } = report
  const values = { outcome, reason, number: report.number }
  if (frozen.length > 0)
    return { key: 'frozen', severity: 'critical', title: 'A position or order is unexplained: the symbol is frozen', text: frozen.map(({ symbol, code, why }) => `${symbol}: ${code}, ${why}`).join('\n'), values }
  if (outcome === 'failed') return { key: 'recovery-failed', severity: 'critical', title: 'Books and venue could not be compared: it is tried again, nothing is opened', text: problem, values }
  if (outcome === 'waiting') return { key: 'recovery-waiting', severity: 'critical', title: 'Recovery waits for a person: ringmaster recover', text: problem, values }
  const lines = [
    ...positionsAdopted.map(({ symbol, fromLots, toLots, why }) => `${symbol}: position from ${fromLots} to ${toLots} lots, ${why}`),
    ...ordersAdopted.map(({ symbol, clientId }) => `${symbol}: order ${clientId} taken over`),
    ...hanging.map(({ symbol, clientId, issue, resolved }) => `${symbol}: order ${clientId} is hanging, ${issue}${resolved ? ', resolved' : ''}`),
  ]
  if (lines.length > 0) return { key: 'recovery', severity: 'warning', title: 'Recovery changed the books to what the venue says', text: lines.join('\n'), values }
  return report.requests.length > 0 || report.number === 1 ? { key: 'recovery', severity: 'info', title: 'Books and venue agree', text: `recovery: ${reason}`, values } : null
}

/** Counters whose growth is worth an alert. A strategy that fails says so with the label `name_trouble`. */
export function countedAlerts(counts: readonly CountGrowth[]): Alert[] {
  return counts.flatMap(({ actor, name, label, by }): Alert[] => {
    if (by <= 0) return []
    switch (name) {
      case 'strategy_failures': {
        const strategy = STRATEGY_NAMES.find((one) => label.startsWith(`${one}_`)) ?? label
        return [{ key: `strategy:${strategy}`, severity: 'warning', title: `Strategy ${strategy} is left out of the vote`, text: `${actor}: ${label.slice(strategy.length + 1)}`, values: { times: by } }]
      }
      case 'actor_crashes':
        return [{ key: `crash:${actor}`, severity: 'warning', title: `${actor} crashed and is started again`, text: 'its successor goes on at the same record', values: { times: by } }]
      case 'journal_failures':
        return [{ key: 'journal', severity: 'critical', title: 'The journal cannot be written: nothing is opened', text: 'entries stop until it can; look at the disk', values: { times: by } }]
      default:
        return []
    }
  })
}
