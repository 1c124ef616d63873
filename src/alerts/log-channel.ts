import { alertLevel, type Log } from '../telemetry/index.ts'
import type { AlertChannel, Delivery } from './channel.ts'
import type { Notice } from './notice.ts'

/** Writes alerts into the log of the engine: the channel that is always there. */
export class LogChannel implements AlertChannel {
  readonly name = 'log'
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  send({ id, alert, more }: Notice, dropped: number): Promise<Delivery> {
    const { key, severity, title, text, values, resolved } = alert
    const counted = { ...(more > 0 ? { more } : {}), ...(dropped > 0 ? { dropped } : {}) }
    this.#log(resolved === true ? 'info' : alertLevel(severity), `alert${resolved === true ? ', over' : ''}: ${title}${text === '' ? '' : `: ${text.replaceAll('\n', '; ')}`}`, { id, key, severity, values: values ?? {}, ...counted })
    return Promise.resolve({ kind: 'delivered' })
  }

  close(): void {
    // The log belongs to whoever handed it over.
  }
}
