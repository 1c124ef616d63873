import type { AlertLine } from '../src/api/index.ts'
import { type LogRecord, makeLog } from '../src/telemetry/index.ts'
import type { RootLog } from '../src/telemetry/root/index.ts'

/** The log of the root, with somebody who hears of every warning and error; secrets are masked as in the files. */
export function withAlerts(log: RootLog, secrets: readonly string[], hear: (line: AlertLine) => void): RootLog {
  const masks = secrets.filter((secret) => secret.length >= 6)
  const accept = (record: LogRecord): void => {
    log.accept(record)
    if (record.level !== 'warn' && record.level !== 'error') return
    let { message } = record
    for (const mask of masks) message = message.replaceAll(mask, '***')
    hear({ severity: record.level === 'warn' ? 'warning' : 'critical', atMs: record.wallMs, source: record.from, title: message, text: '', resolved: false })
  }
  return {
    log: makeLog('ringmaster', (level, from, message, data) => accept({ level, wallMs: Date.now(), from, message, data })),
    accept,
    setLevel: (level) => log.setLevel(level),
    addSecret: (value) => log.addSecret(value),
    get lostLines() {
      return log.lostLines
    },
    close: () => log.close(),
  }
}
