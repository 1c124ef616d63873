import type { Alert } from '../contract/index.ts'

const ALERTS_KEPT = 1000
const CODE = /^(RM_[A-Z_]+):/

/** A log line that is worth a person's look. */
export interface AlertLine {
  readonly level: 'warn' | 'error'
  readonly atMs: number
  readonly source: string
  readonly message: string
}

/** The newest warnings and errors of all processes. */
export class AlertLog {
  #alerts: Alert[] = []
  #number = 0

  /** Oldest first. */
  get all(): readonly Alert[] {
    return this.#alerts
  }

  add({ level, atMs, source, message }: AlertLine): Alert {
    const alert: Alert = { id: `a${++this.#number}`, atMs, level, source, code: CODE.exec(message)?.[1] ?? null, message }
    this.#alerts.push(alert)
    if (this.#alerts.length > 2 * ALERTS_KEPT) this.#alerts = this.#alerts.slice(-ALERTS_KEPT)
    return alert
  }
}
