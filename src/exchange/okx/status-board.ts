import type { WallMs } from '../../core/index.ts'
import type { MaintenanceState, MaintenanceWindow } from '../front/maintenance.ts'
import type { Row } from './row.ts'

interface Notice {
  readonly title: string
  readonly announcedMs: WallMs
  readonly beginMs: WallMs
  endMs: WallMs
  state: MaintenanceState
}

const TITLE = 'Unified trading system upgrade'
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

  /** An announced window, or how far it is now. */
  follow({ announcedMs, beginMs, endMs, state }: MaintenanceWindow & { readonly state: MaintenanceState }): void {
    let notice = this.#notices.find((one) => one.announcedMs === announcedMs)
    if (notice === undefined) {
      notice = { title: TITLE, announcedMs, beginMs, endMs, state }
      this.#notices.unshift(notice)
      if (this.#notices.length > NOTICES_MAX) this.#notices.pop()
    } else if (notice.state === state) return
    notice.state = state
    notice.endMs = endMs
    this.#listener?.(this.#row(notice))
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
