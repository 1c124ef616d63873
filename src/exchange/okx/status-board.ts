import type { WallMs } from '../../core/index.ts'
import type { Row } from './row.ts'

export type MaintenanceState = 'scheduled' | 'ongoing' | 'completed' | 'canceled'

interface Notice {
  readonly title: string
  readonly beginMs: WallMs
  endMs: WallMs
  state: MaintenanceState
}

/** Notices that stay listed; older ones are forgotten. */
const NOTICES_MAX = 20

/** What the venue tells about its maintenance windows: `system/status` and the `status` channel. */
export class StatusBoard {
  readonly #nowMs: () => WallMs
  readonly #notices: Notice[] = []
  #listener: ((row: Row) => void) | null = null

  constructor(nowMs: () => WallMs) {
    this.#nowMs = nowMs
  }

  /** Called once by the front: hears each notice when it changes. */
  listen(listener: (row: Row) => void): void {
    this.#listener = listener
  }

  /** Puts up a notice. @returns how its state is moved on. */
  announce(title: string, beginMs: WallMs, endMs: WallMs, state: MaintenanceState): (state: MaintenanceState) => void {
    const notice: Notice = { title, beginMs, endMs, state }
    this.#notices.unshift(notice)
    if (this.#notices.length > NOTICES_MAX) this.#notices.pop()
    this.#listener?.(this.#row(notice))
    return (next) => {
      if (notice.state === next) return
      notice.state = next
      if (next === 'completed') notice.endMs = this.#nowMs()
      this.#listener?.(this.#row(notice))
    }
  }

  /** Newest first; without `state` those that are over are left out, as on the venue. */
  rows(state: string): readonly Row[] {
    return this.#notices.filter((one) => (state === '' ? one.state === 'scheduled' || one.state === 'ongoing' : one.state === state)).map((one) => {
      const { ts: _left, ...row } = this.#row(one)
      return row
    })
  }

  #row(notice: Notice): Row {
    return {
      begin: String(notice.beginMs), end: notice.endMs === 0 ? '' : String(notice.endMs), href: '', preOpenBegin: '', scheDesc: '', serviceType: '5', state: notice.state, system: 'unified',
      maintType: '1', env: '1', title: notice.title, ts: String(this.#nowMs()),
    }
  }
}
