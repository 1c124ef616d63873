import { errorLine, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { VenueServices } from '../services.ts'
import { isObject, type Json } from '../common/json.ts'
import type { VenueTime } from '../common/venue-time.ts'
import { isPong, parseFrame } from './decode/index.ts'
import type { OkxCredentials, OkxSettings } from './settings.ts'
import { loginFrame } from './sign.ts'

const CHANNEL = 'orders-algo'
const UPGRADE_NOTICE = '64008'

export interface AlgoStreamParts {
  readonly services: VenueServices
  readonly url: string
  readonly credentials: OkxCredentials
  readonly settings: OkxSettings
  readonly time: VenueTime
  /** Reads a row. @returns what tells it to the engine, null for nothing; throws for a row that cannot be trusted. */
  readonly read: (row: Json) => (() => void) | null
  /** Subscribed, for the first time or again: what happened before was not heard. */
  readonly onSubscribed: () => void
}

/**
 * Changes of algo orders, which the venue tells on its business address. What an algo order turns into is told by the
 * private connection; here one learns that it was cancelled or could not be placed. A lost connection is made anew and
 * the list is read again then; it does not take the account down, whose orders and fills do not come this way.
 */
export class AlgoStream {
  readonly #parts: AlgoStreamParts
  readonly #link: Link
  #loggedIn = false
  #running = false
  #deadline: Timer | null = null

  constructor(parts: AlgoStreamParts) {
    const { services, settings, url } = parts
    this.#parts = parts
    this.#link = new Link(services, 'okx-algo', url, settings.privateLink, {
      connecting: () => {},
      opened: () => this.#opened(),
      frame: (bytes) => this.#frame(bytes),
      lost: () => this.#deadline?.cancel(),
      ping: () => 'ping',
    })
  }

  /** Connects at the first call after construction or `stop`. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#link.start()
  }

  stop(): void {
    this.#running = false
    this.#deadline?.cancel()
    this.#link.stop()
  }

  #opened(): void {
    const { services, settings, credentials, time } = this.#parts
    this.#loggedIn = false
    this.#deadline?.cancel()
    this.#deadline = services.timers.after(settings.ackMs, () => this.#link.fail(`${this.#loggedIn ? 'subscription' : 'login'} not answered within ${settings.ackMs} ms`))
    this.#link.send(loginFrame(credentials, time.nowMs()))
  }

  #frame(bytes: Uint8Array): void {
    if (isPong(bytes)) return
    let frame: Json
    const deliver: ((() => void) | null)[] = []
    try {
      frame = parseFrame(bytes)
      if (frame['event'] === undefined) for (const row of listOf(frame)) deliver.push(this.#parts.read(row))
    } catch (error) {
      // It may hide an event: a new subscription reads the list again.
      this.#parts.services.count('okx_algo_bad_frame')
      this.#link.fail(errorLine(error))
      return
    }
    if (frame['event'] !== undefined) this.#event(frame)
    // Outside of the reading, so that an exception of the engine stays its own.
    for (const tell of deliver) tell?.()
  }

  #event(frame: Json): void {
    const { services, onSubscribed } = this.#parts
    const event = frame['event']
    const code = typeof frame['code'] === 'string' ? frame['code'] : ''
    if (event === 'login' && code === '0') {
      if (this.#loggedIn) return
      this.#loggedIn = true
      this.#link.send(JSON.stringify({ id: 'algo', op: 'subscribe', args: [{ channel: CHANNEL, instType: 'SWAP' }] }))
    } else if (event === 'subscribe') {
      this.#deadline?.cancel()
      this.#link.settled()
      onSubscribed()
    } else if (event === 'error' || event === 'login' || event === 'channel-conn-count-error') {
      services.count('okx_algo_refused', code)
      this.#link.fail(`refused: ${code} ${typeof frame['msg'] === 'string' ? frame['msg'] : ''}`.trimEnd())
    } else if (event === 'notice') {
      services.count('okx_notice', code)
      if (code === UPGRADE_NOTICE) this.#link.fail('the venue will close the connection for an upgrade')
    }
  }
}

function listOf(frame: Json): readonly Json[] {
  const arg = frame['arg']
  const data = frame['data']
  if (!isObject(arg) || arg['channel'] !== CHANNEL || !Array.isArray(data) || !data.every(isObject)) throw new TypeError('the frame is no list of algo orders')
  return data as readonly Json[]
}
