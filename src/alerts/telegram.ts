import type { AlertChannel, Delivery } from './channel.ts'
import { isPassing, JsonPost, type PostSettings } from './http-post.ts'
import { type Notice, noticeWords } from './notice.ts'

export interface TelegramSettings extends PostSettings {
  /** Of the Bot API, without a slash at the end. */
  readonly apiUrl: string
  readonly token: string
  /** A number, or @name of a channel. */
  readonly chatId: string
  readonly source: string
  readonly hide: (text: string) => string
}

/** As the Bot API says what became of a call. */
interface Answer {
  readonly ok?: unknown
  readonly description?: unknown
  readonly parameters?: { readonly retry_after?: unknown; readonly migrate_to_chat_id?: unknown }
}

/** Characters that a message may have. */
const MESSAGE_MAX = 4096
const ANSWER_SHOWN = 200

/** Sends every notice as a plain message by `sendMessage` of the Bot API: no markup, so that no text of an alert can break it. */
export class TelegramChannel implements AlertChannel {
  readonly name = 'telegram'
  readonly #settings: TelegramSettings
  readonly #http: JsonPost

  constructor(settings: TelegramSettings) {
    this.#settings = settings
    this.#http = new JsonPost(settings)
  }

  async send(notice: Notice, dropped: number): Promise<Delivery> {
    const { apiUrl, token, chatId, source, hide } = this.#settings
    const words = noticeWords(notice, source, dropped)
    const body = { chat_id: chatId, text: words.length > MESSAGE_MAX ? `${words.slice(0, MESSAGE_MAX - 1)}…` : words, link_preview_options: { is_disabled: true }, disable_notification: notice.alert.severity === 'info' }
    const { status, text, retryAfterMs } = await this.#http.post(`${apiUrl}/bot${token}/sendMessage`, {}, body)
    if (status === null) return { kind: 'later', reason: hide(text), afterMs: null }
    const answer = parsed(text)
    if (status === 200 && answer.ok === true) return { kind: 'delivered' }
    const { retry_after: waitS, migrate_to_chat_id: movedTo } = answer.parameters ?? {}
    const moved = typeof movedTo !== 'number' ? '' : ` (the chat is now ${movedTo}: set alerts.telegram.chat_id)`
    const reason = hide(`status ${status}: ${typeof answer.description === 'string' ? answer.description : text.trim().slice(0, ANSWER_SHOWN)}${moved}`)
    if (isPassing(status)) return { kind: 'later', reason, afterMs: typeof waitS === 'number' ? waitS * 1000 : retryAfterMs }
    return { kind: 'refused', reason }
  }

  close(): void {
    this.#http.close()
  }
}

function parsed(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? answer : {}
  } catch {
    return {}
  }
}
