import type { AlertChannel, Delivery, Notice } from '../src/alerts/index.ts'
import type { AlertLine } from '../src/api/index.ts'

/** Hands alerts to the dashboard: a channel like any other, so that secrets are masked and a flood is told in few words. */
export class GatewayChannel implements AlertChannel {
  readonly name = 'dashboard'
  readonly #hear: (line: AlertLine) => void

  constructor(hear: (line: AlertLine) => void) {
    this.#hear = hear
  }

  send({ alert, atMs, more }: Notice, dropped: number): Promise<Delivery> {
    const { key, severity, title, text, resolved } = alert
    const counted = [more > 0 ? `and ${more} more of these` : '', dropped > 0 ? `${dropped} alerts were dropped before this one` : '']
    this.#hear({ severity, atMs, source: key, title, text: [text, ...counted].filter((line) => line !== '').join('\n'), resolved: resolved === true })
    return Promise.resolve({ kind: 'delivered' })
  }

  close(): void {
    // The gateway belongs to whoever handed it over.
  }
}
