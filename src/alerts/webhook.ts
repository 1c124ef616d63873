import { isoTime } from '../core/index.ts'
import type { AlertChannel, Delivery } from './channel.ts'
import { isPassing, JsonPost, type PostSettings } from './http-post.ts'
import { type Notice, noticeWords } from './notice.ts'

export interface WebhookSettings extends PostSettings {
  readonly url: string
  /** Sent as a bearer token; '' sends none. */
  readonly token: string
  /** Whose alerts these are, such as `ringmaster paper bybit`. */
  readonly source: string
  /** Masks what must not stand in logs and health. */
  readonly hide: (text: string) => string
}

const ANSWER_SHOWN = 200

/** POSTs every notice as JSON; `text` is the whole of it in words, the other fields are its parts. */
export class WebhookChannel implements AlertChannel {
  readonly name = 'webhook'
  readonly #settings: WebhookSettings
  readonly #http: JsonPost

  constructor(settings: WebhookSettings) {
    this.#settings = settings
    this.#http = new JsonPost(settings)
  }

  async send(notice: Notice, dropped: number): Promise<Delivery> {
    const { url, token, source, hide } = this.#settings
    const { id, alert, atMs, more, firstMs } = notice
    const body = {
      id, source, key: alert.key, severity: alert.severity, resolved: alert.resolved === true, title: alert.title, detail: alert.text, values: alert.values ?? {},
      at: isoTime(atMs), first_at: isoTime(firstMs), more, dropped, text: noticeWords(notice, source, dropped),
    }
    const { status, text, retryAfterMs } = await this.#http.post(url, token === '' ? {} : { authorization: `Bearer ${token}` }, body)
    if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' }
    const reason = hide(status === null ? text : `status ${status}${text.trim() === '' ? '' : `: ${text.trim().slice(0, ANSWER_SHOWN)}`}`)
    if (status === null || isPassing(status)) return { kind: 'later', reason, afterMs: retryAfterMs }
    return { kind: 'refused', reason }
  }

  close(): void {
    this.#http.close()
  }
}
