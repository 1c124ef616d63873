type Op = 'subscribe' | 'unsubscribe'

/** Beside the book: without these the feed is not live. */
const NEEDED = ['trades', 'tickers'] as const
/** Good to have: one that is refused is counted, and the book goes on. */
const EXTRA = ['mark-price', 'funding-rate', 'price-limit'] as const
/** The same, of all swaps at once. */
const EXTRA_OF_ALL = ['liquidation-orders', 'instruments'] as const

/** What an acknowledgement or a refusal was about. */
export type Answered = 'needed' | 'extra' | 'nothing'

/** Subscriptions of one public connection that are not answered yet. The venue answers channel by channel, and refuses by request. */
export class Subscriptions {
  readonly #instId: string
  readonly #send: (text: string) => void
  /** `op channel` of what the feed needs, each with the id of its request. */
  readonly #needed = new Map<string, string>()
  /** Extra channels, each with the id of its request. */
  readonly #extra = new Map<string, string>()
  #requests = 0

  /** @param send what cannot be sent stays unanswered */
  constructor(instId: string, send: (text: string) => void) {
    this.#instId = instId
    this.#send = send
  }

  /** Whether all that the feed cannot be live without is answered. */
  get complete(): boolean {
    return this.#needed.size === 0
  }

  /** Everything, the extra channels in a request of their own. */
  subscribeAll(bookChannel: string): void {
    this.request('subscribe', [bookChannel, ...NEEDED])
    const id = `x${++this.#requests}`
    for (const channel of [...EXTRA, ...EXTRA_OF_ALL]) this.#extra.set(channel, id)
    const args = [...EXTRA.map((channel) => ({ channel, instId: this.#instId })), ...EXTRA_OF_ALL.map((channel) => ({ channel, instType: 'SWAP' }))]
    this.#send(JSON.stringify({ id, op: 'subscribe', args }))
  }

  /** Of channels that the feed needs. */
  request(op: Op, channels: readonly string[]): void {
    const id = `${op === 'subscribe' ? 's' : 'u'}${++this.#requests}`
    for (const channel of channels) this.#needed.set(`${op} ${channel}`, id)
    this.#send(JSON.stringify({ id, op, args: channels.map((channel) => ({ channel, instId: this.#instId })) }))
  }

  acknowledged(op: Op, channel: string): Answered {
    if (op === 'subscribe' && this.#extra.delete(channel)) return 'extra'
    return this.#needed.delete(`${op} ${channel}`) ? 'needed' : 'nothing'
  }

  /** Whether a refusal is about channels that are only good to have. */
  isExtra(id: string): boolean {
    return id !== '' && [...this.#extra.values()].includes(id)
  }

  /** Channels of a refused request that are still open, as `op` and channel; a refusal without an id may be about any. */
  open(id: string): readonly (readonly [op: Op, channel: string])[] {
    return [...this.#needed].filter(([, requestId]) => id === '' || requestId === id).map(([key]) => key.split(' ') as [Op, string])
  }

  /** Nothing is waited for on this connection any more. */
  forget(): void {
    this.#needed.clear()
    this.#extra.clear()
  }
}
