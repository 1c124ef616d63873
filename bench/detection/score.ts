import { BUY, SELL } from '../../src/core/index.ts'
import { DetectorSet, type Pattern } from '../../src/detection/index.ts'
import { defaultContracts, type Episode, type EpisodeKind, mixedEpisodes } from '../../src/exchange/index.ts'
import { PlantedMarket } from '../../test/detection/planted-market.ts'
import { detection } from '../../test/detection/settings.ts'

/** What one kind of manipulation came to. */
export interface ClassScore {
  planted: number
  found: number
  patterns: number
  right: number
}

export interface HourScore {
  readonly spoofing: ClassScore
  readonly layering: ClassScore
  /** Wrong patterns by what was going on: a look-alike, or nothing planted. */
  readonly wrong: Record<string, number>
  /** Seconds from the end of an episode to the first block against its side; those found while it went on are negative. */
  readonly delays: number[]
  messages: number
}

const KIND_OF = { spoofing: 'spoof', layering: 'layer' } as const
/** A pattern belongs to an episode that it overlaps, give or take so many ms. */
const SLACK_MS = 500

export const emptyScore = (): HourScore => ({ spoofing: { planted: 0, found: 0, patterns: 0, right: 0 }, layering: { planted: 0, found: 0, patterns: 0, right: 0 }, wrong: {}, delays: [], messages: 0 })

/** Adds `other` to `sum`. */
export function addScore(sum: HourScore, other: HourScore): void {
  for (const name of ['spoofing', 'layering'] as const) for (const key of ['planted', 'found', 'patterns', 'right'] as const) sum[name][key] += other[name][key]
  for (const [cause, count] of Object.entries(other.wrong)) sum.wrong[cause] = (sum.wrong[cause] ?? 0) + count
  sum.delays.push(...other.delays)
  sum.messages += other.messages
}

const overlaps = (pattern: Pattern, episode: Episode): boolean => pattern.startMs <= episode.endMs + SLACK_MS && pattern.endMs >= episode.startMs - SLACK_MS

const isOf = (pattern: Pattern, episodes: readonly Episode[]): boolean => episodes.some((one) => one.side === pattern.side && overlaps(pattern, one))

/** Plays seeded market time through the detectors and sets their patterns against what was planted. */
export function scoreHours(seed: number, hours: number, perHour = 12): HourScore {
  const set = new DetectorSet(detection, defaultContracts[0]!, { onFailed: (name, error) => { throw new Error(`${name} failed`, { cause: error }) }, onBack: () => {} })
  const market = new PlantedMarket(seed, mixedEpisodes(perHour), set)
  const score = emptyScore()
  const patterns: Pattern[] = []
  const blocks: { readonly side: number; readonly atMs: number }[] = []
  const seen = new Map<string, number>()
  const was = [false, false]
  for (let second = 0; second < hours * 3600; second++) {
    market.run(1)
    for (const side of [BUY, SELL]) {
      const is = set.against(side) > 0
      if (is && !was[side]) blocks.push({ side, atMs: market.nowMs })
      was[side] = is
    }
    if (second % 60 === 59 || second === hours * 3600 - 1) collect(set, patterns, seen)
  }
  // Nothing is judged while the habits of the market are learned.
  const fromMs = market.originMs + 1000 * detection.spoofing.learnS
  judge(score, patterns.filter((one) => one.startMs >= fromMs), market.episodes.filter((one) => one.startMs >= fromMs), blocks)
  score.messages = market.messages
  return score
}

/** Takes over patterns before their lists forget them; one that goes on replaces what was taken of it. */
function collect(set: DetectorSet, patterns: Pattern[], seen: Map<string, number>): void {
  for (const { name, patterns: list } of set.status) {
    for (const pattern of list) {
      const key = `${name} ${pattern.side} ${pattern.startMs}`
      const at = seen.get(key)
      if (at === undefined) seen.set(key, patterns.push(pattern) - 1)
      else patterns[at] = pattern
    }
  }
}

function judge(score: HourScore, patterns: readonly Pattern[], episodes: readonly Episode[], blocks: readonly { readonly side: number; readonly atMs: number }[]): void {
  for (const name of ['spoofing', 'layering'] as const) {
    const kind: EpisodeKind = KIND_OF[name]
    const planted = episodes.filter((one) => one.kind === kind && one.whole)
    // What was cut short need not be found, and is no mistake when it is.
    const cut = episodes.filter((one) => one.kind === kind && !one.whole)
    const own = patterns.filter((one) => one.detector === name && (isOf(one, planted) || !isOf(one, cut)))
    const of = score[name]
    of.planted += planted.length
    of.patterns += own.length
    for (const episode of planted) {
      if (own.some((one) => one.side === episode.side && overlaps(one, episode))) of.found++
      else score.wrong[`${kind} not found`] = (score.wrong[`${kind} not found`] ?? 0) + 1
      const block = blocks.find((one) => one.side === episode.side && one.atMs >= episode.startMs && one.atMs <= episode.endMs + 10_000)
      if (block !== undefined) score.delays.push((block.atMs - episode.endMs) / 1000)
    }
    for (const pattern of own) {
      if (isOf(pattern, planted)) {
        of.right++
        continue
      }
      const cause = `${name} during ${episodes.find((one) => overlaps(pattern, one))?.kind ?? 'nothing'}`
      score.wrong[cause] = (score.wrong[cause] ?? 0) + 1
    }
  }
}
