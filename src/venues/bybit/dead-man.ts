import type { Timer } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome } from '../trading-port.ts'

type Done = (outcome: CommandOutcome) => void

const TOPIC = 'dcp.future'
/** Request id of its frames, by which their answers are known. */
export const DEAD_MAN_REQUEST = 'dead-man'

interface Asked {
  readonly op: 'subscribe' | 'unsubscribe'
  /** null where nobody waits: a new connection takes the topic again by itself. */
  readonly done: Done | null
  readonly deadline: Timer
}

/**
 * The topic that puts a private connection under the venue's disconnect protection. Once joined, every later
 * connection joins again; one that cannot is cut, because its owner believes the orders to be protected.
 */
export class DeadManTopic {
  readonly #services: VenueServices
  readonly #ackMs: number
  readonly #send: (text: string) => boolean
  readonly #cut: (reason: string) => void
  #wanted = false
  #joined = false
  #asked: Asked | null = null

  constructor(services: VenueServices, ackMs: number, send: (text: string) => boolean, cut: (reason: string) => void) {
    this.#services = services
    this.#ackMs = ackMs
    this.#send = send
    this.#cut = cut
  }

  /** Whether an answer is awaited. */
  get asked(): boolean {
    return this.#asked !== null
  }

  join(withinMs: number, done: Done): void {
    if (this.#joined) this.#later(done, { kind: 'accepted', venueId: '' })
    else this.#ask('subscribe', withinMs, done)
  }

  leave(done: Done): void {
    this.#wanted = false
    if (!this.#joined) this.#later(done, { kind: 'accepted', venueId: '' })
    else this.#ask('unsubscribe', this.#ackMs, done)
  }

  /** A new connection is logged in. */
  loggedIn(): void {
    if (this.#wanted) this.#ask('subscribe', this.#ackMs, null)
  }

  lost(reason: string): void {
    this.#joined = false
    this.#answer({ kind: 'unknown', reason: `connection lost after sending: ${reason}` })
  }

  acknowledged(success: boolean, text: string): void {
    const asked = this.#asked
    if (asked === null) return
    if (success) {
      this.#joined = this.#wanted = asked.op === 'subscribe'
      this.#answer({ kind: 'accepted', venueId: '' })
      return
    }
    this.#services.count('bybit_dead_man_refused')
    if (asked.done === null) this.#cut(`the venue refused ${TOPIC} on a new connection: ${text}`)
    else this.#answer({ kind: 'refused', errorClass: 'rejected', code: asked.op, text })
  }

  #ask(op: Asked['op'], withinMs: number, done: Done | null): void {
    // The window may be set by now: what counts is whether the topic is there, and that is not known.
    const refuse = (reason: string): void => {
      if (done !== null) this.#later(done, { kind: 'unknown', reason })
    }
    if (this.#asked !== null) {
      refuse(`an earlier ${this.#asked.op} of ${TOPIC} is not answered yet`)
      return
    }
    if (!this.#send(JSON.stringify({ req_id: DEAD_MAN_REQUEST, op, args: [TOPIC] }))) {
      refuse('the private connection is not open')
      return
    }
    const deadline = this.#services.timers.after(withinMs, () => {
      const reason = `${op} of ${TOPIC} not answered within ${Math.round(withinMs)} ms`
      if (done === null) this.#cut(reason)
      else this.#answer({ kind: 'unknown', reason })
    })
    this.#asked = { op, done, deadline }
  }

  #answer(outcome: CommandOutcome): void {
    const asked = this.#asked
    if (asked === null) return
    this.#asked = null
    asked.deadline.cancel()
    asked.done?.(outcome)
  }

  #later(done: Done, outcome: CommandOutcome): void {
    this.#services.timers.after(0, () => done(outcome))
  }
}
