/** Why the kill switch was engaged: by a person, by a trip, or because what should remember it cannot be read. */
export type KillCode =
  | 'manual'
  | 'unreadable'
  | 'daily-loss'
  | 'drawdown'
  | 'reject-storm'
  | 'stale-data'
  | 'inputs-missing'
  | 'unexplained'
  | 'clock'
  | 'journal'
  | 'losing-streak'

/** Who engages or releases it: a trip of the engine itself, or one of the ways in. */
export type KillWay = 'trip' | 'cli' | 'api' | 'signal' | 'file' | 'command'

/** What engages the kill switch, as it crosses threads, processes and the side file. */
export interface KillOrder {
  /** Names the engagement: the same one may be told several times, and a release names what it released. */
  readonly id: string
  readonly by: KillWay
  readonly code: KillCode
  readonly reason: string
  /** Close all positions too. */
  readonly flatten: boolean
  /** What was measured, and the bound that it broke: decimal text. */
  readonly values: Readonly<Record<string, string>>
}

/** From here on nothing increases exposure, until a person releases it. */
export interface KillEngaged extends KillOrder {
  readonly kind: 'kill-engaged'
  readonly atMs: number
  readonly atNs: number
}

export interface KillReleased {
  readonly kind: 'kill-released'
  readonly atMs: number
  readonly atNs: number
  /** The engagement that it ends. */
  readonly id: string
  readonly by: KillWay
  readonly why: string
  /** Causes that still stood, in words; not empty only where the release was forced. Losses are counted anew then. */
  readonly overruled: readonly string[]
  /** Result of trading at that moment as `equity-seen` counts it, from which a forced release counts; null when not known. */
  readonly result: string | null
}

/** What loss and drawdown are counted from, so that a restart goes on with the same day and the same peak. Decimal text, quote currency. */
export interface EquitySeen {
  readonly kind: 'equity-seen'
  readonly atMs: number
  readonly atNs: number
  /** Number of the trading day: days since 1970 from the configured hour on. */
  readonly day: number
  /** As the venue told it last. */
  readonly equity: string
  /** Result of all trading in this journal: realised profit less fees and funding. */
  readonly realised: string
  /** Of open positions, at the prices that would close them. */
  readonly unrealised: string
  /** Change of equity since the record before that trading does not explain: deposits, withdrawals, timing. */
  readonly unexplained: string
}
