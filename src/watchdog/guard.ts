import { errorLine } from '../core/index.ts'
import type { GuardDesk, GuardedPosition } from './desk.ts'
import type { GuardJournal } from './journal.ts'
import type { Pulse } from './pulse.ts'

export interface GuardSettings {
  readonly run: string
  /** Account mark of the engine's client ids. */
  readonly account: string
  /** Silence of the engine after which it is taken for dead, ms. */
  readonly silentMs: number
  /** As long a silence is allowed before the first pulse of its run: starting takes longer than beating, ms. */
  readonly startMs: number
  readonly flatten: boolean
  /** Between two looks at the pulse, ms. */
  readonly lookMs: number
  /** What was on its way when the engine died may arrive for so long: the venue is looked at once more after it, ms. */
  readonly settleMs: number
  /** Without a supervisor it gives up when nothing was achieved for so long, ms. */
  readonly giveUpMs: number
  /** First pause after a failure; doubled up to the second, ms. */
  readonly retryMs: number
  readonly retryMsMax: number
}

export interface GuardWorld {
  readonly desk: GuardDesk
  readonly journal: Pick<GuardJournal, 'write'>
  readonly pulse: () => Pulse | null
  /** Monotonic. */
  readonly nowMs: () => number
  readonly wallMs: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** False once the root supervisor is gone. */
  readonly supervised: () => boolean
  /** True once told to end. */
  readonly dismissed: () => boolean
}

export type GuardState = 'watching' | 'acting' | 'done'
/** Why it ended. */
export type GuardEnd = 'stopped' | 'superseded' | 'dismissed' | 'done' | 'gave-up'

/**
 * Watches the pulse of the engine. When it stands still for too long, cancels the engine's entries until the venue lists
 * none, closes positions if told to, looks once more for what was still on its way, and goes on watching while there is a
 * supervisor that may bring the engine back. Never touches what only reduces.
 */
export class Guard {
  readonly #settings: GuardSettings
  readonly #world: GuardWorld
  #state: GuardState = 'watching'
  #last: Pulse | null = null
  #advancedMs: number
  #heard = false
  #lookedMs: number
  #closings = 0
  #lastAction = ''

  constructor(settings: GuardSettings, world: GuardWorld) {
    this.#settings = settings
    this.#world = world
    this.#advancedMs = this.#lookedMs = world.nowMs()
  }

  get state(): GuardState {
    return this.#state
  }

  get lastAction(): string {
    return this.#lastAction
  }

  get silentMs(): number {
    return this.#world.nowMs() - this.#advancedMs
  }

  async run(): Promise<GuardEnd> {
    const { lookMs } = this.#settings
    for (;;) {
      const end = this.#look()
      if (end !== null) return end
      if (this.#state === 'done' && !this.#world.supervised()) return 'done'
      if (this.#state === 'watching' && this.silentMs >= this.#limitMs) {
        const over = await this.#act()
        if (over !== null) return over
      }
      await this.#world.sleep(lookMs)
    }
  }

  get #limitMs(): number {
    const { silentMs, startMs } = this.#settings
    return this.#heard ? silentMs : Math.max(silentMs, startMs)
  }

  /** Reads the pulse. @returns why to end, or null */
  #look(): GuardEnd | null {
    const { nowMs, pulse, dismissed } = this.#world
    const { lookMs, run, silentMs } = this.#settings
    const now = nowMs()
    // Our own sleep, as of a machine that was suspended, is no silence of the engine.
    if (now - this.#lookedMs > Math.max(20 * lookMs, silentMs / 2)) this.#advancedMs = now
    this.#lookedMs = now
    if (dismissed()) return 'dismissed'
    const read = pulse()
    if (read === null) return null
    const advanced = this.#last === null ? read.run === run : read.counter !== this.#last.counter || read.pid !== this.#last.pid || read.run !== this.#last.run
    this.#last = read
    if (!advanced) return null
    if (read.run !== run) {
      this.#say('superseded', `another run has begun: ${read.run}`)
      return 'superseded'
    }
    if (read.state === 'stopped') return 'stopped'
    this.#advancedMs = now
    this.#heard = true
    if (this.#state !== 'watching') {
      this.#state = 'watching'
      this.#say('engine-back', `process ${read.pid}`)
    }
    return null
  }

  /** Until the venue shows what is wanted, twice. */
  async #act(): Promise<GuardEnd | null> {
    const { settings, world } = { settings: this.#settings, world: this.#world }
    this.#state = 'acting'
    this.#say('silent', `no pulse for ${Math.round(this.silentMs)} ms: entries are cancelled${settings.flatten ? ', positions are closed' : ''}`)
    let cleanSinceMs = -1
    let failures = 0
    let achievedMs = world.nowMs()
    for (;;) {
      // The engine may have come back while this waited: then the orders are its own again.
      const end = this.#look()
      if (end !== null || this.#state !== 'acting') return end
      let clean = false
      try {
        if (failures > 0 || cleanSinceMs < 0) await world.desk.sync()
        clean = await this.#sweep()
        failures = 0
        achievedMs = world.nowMs()
      } catch (error) {
        if (failures++ === 0) this.#say('failed', errorLine(error))
      }
      const now = world.nowMs()
      if (!clean) cleanSinceMs = -1
      else if (cleanSinceMs < 0) cleanSinceMs = now
      else if (now - cleanSinceMs >= settings.settleMs) {
        this.#state = 'done'
        this.#say('done', `no entry rests${settings.flatten ? ', no position is held' : ''}`)
        return null
      }
      if (!world.supervised() && now - achievedMs >= settings.giveUpMs) {
        this.#say('gave-up', `nothing could be done for ${Math.round(now - achievedMs)} ms`)
        return 'gave-up'
      }
      await world.sleep(failures === 0 ? settings.retryMs : Math.min(settings.retryMsMax, settings.retryMs * 2 ** Math.min(failures, 10)))
    }
  }

  /** One round. @returns true when there was nothing left to do */
  async #sweep(): Promise<boolean> {
    const { desk } = this.#world
    const entries = await desk.entries()
    for (const order of entries) {
      await desk.cancel(order)
      this.#say('cancelled', `${order.symbol} entry ${order.clientId} (${order.venueId})`)
    }
    const positions = await desk.positions()
    for (const position of positions) await this.#position(position)
    return entries.length === 0 && (!this.#settings.flatten || positions.length === 0)
  }

  async #position(position: GuardedPosition): Promise<void> {
    const { desk, wallMs } = this.#world
    if (this.#settings.flatten) {
      // Recognised by the next engine as the watchdog's: epoch 0, then the time and a number.
      const clientId = `rm${this.#settings.account}E0W${Math.floor(wallMs()).toString(36)}N${(this.#closings++).toString(36)}A0`
      await desk.close(position, clientId)
      this.#say('closing', `${position.symbol} ${position.side} ${position.size}, at market, reduce-only (${clientId})`)
    } else if (position.stops === 0 && !this.#bare.has(position.symbol)) {
      this.#bare.add(position.symbol)
      this.#say('bare', `${position.symbol} ${position.side} ${position.size} has no stop at the venue, and closing positions is not allowed (watchdog.flatten)`)
    }
  }

  readonly #bare = new Set<string>()

  #say(event: Parameters<GuardJournal['write']>[0], text: string): void {
    this.#lastAction = `${event}: ${text}`
    this.#world.journal.write(event, text)
  }
}
