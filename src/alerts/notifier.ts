import type { AlertChannelHealth } from '../runtime/health/index.ts'
import type { Alert, AlertSeverity } from '../telemetry/index.ts'
import type { AlertChannel } from './channel.ts'
import { Lane, type LaneLimits, type LaneParts } from './lane.ts'
import { boundedAlert } from './notice.ts'

export interface ChannelPlan {
  readonly channel: AlertChannel
  /** Alerts below it are not for this channel. */
  readonly minSeverity: AlertSeverity
}

export interface NotifierParts extends LaneParts {
  /** Masks secrets in everything that leaves. */
  readonly hide: (text: string) => string
}

/** Hands every alert to every channel whose threshold it reaches. Channels do not hear of each other: one that hangs holds up itself only. */
export class Notifier {
  readonly #lanes: readonly Lane[]
  readonly #parts: NotifierParts
  readonly #run: string
  #count = 0

  constructor(plans: readonly ChannelPlan[], limits: LaneLimits, parts: NotifierParts) {
    this.#parts = parts
    this.#run = parts.clock.wallMs().toString(36)
    this.#lanes = plans.map(({ channel, minSeverity }) => new Lane(channel, minSeverity, limits, parts))
  }

  /** Returns at once, whatever the channels do. */
  alert(raised: Alert): void {
    const atMs = this.#parts.clock.wallMs()
    const notice = { id: `${this.#run}-${++this.#count}`, alert: boundedAlert(raised, this.#parts.hide), atMs, more: 0, firstMs: atMs, triedMs: null }
    for (const lane of this.#lanes) lane.accept(notice)
  }

  channels(): AlertChannelHealth[] {
    return this.#lanes.map((lane) => lane.health())
  }

  /** Waits for what is still to be sent, at most so long, and sends nothing after that. */
  async close(withinMs: number): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close(withinMs)))
  }
}
