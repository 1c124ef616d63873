import type { Alert } from '../contract/index.ts'

const ALERTS_KEPT = 1000
const CODE = /\bRM_[A-Z_]+\b/

/** What a person should hear of. */
export type AlertLine = Omit<Alert, 'id' | 'code'>

/** The newest alerts of the engine. */
export class AlertLog {
  #alerts: Alert[] = []
  #number = 0

  /** Oldest first. */
  get all(): readonly Alert[] {
    return this.#alerts
  }

  add(line: AlertLine): Alert {
    const alert: Alert = { id: `a${++this.#number}`, ...line, code: CODE.exec(`${line.title} ${line.text}`)?.[0] ?? null }
    this.#alerts.push(alert)
    if (this.#alerts.length > 2 * ALERTS_KEPT) this.#alerts = this.#alerts.slice(-ALERTS_KEPT)
    return alert
  }
}
