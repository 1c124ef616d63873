import { resolve } from 'node:path'
import { type Capture, openCaptures, surveyCaptures } from '../src/capture/index.ts'
import type { Config, LoadedConfig } from '../src/config/index.ts'
import { fail } from '../src/core/index.ts'

/** Lines in which a file has said of which pairs it is. */
const HEAD_LINES = 2000

/** The recorded files that one symbol is played from, in order. */
export interface Recording {
  readonly symbol: string
  readonly files: readonly string[]
}

/**
 * Captures by symbol, told apart by what is in them; files of one symbol follow each other in the order given. Files that hold
 * instruments only belong to every symbol.
 * @throws RM_REPLAY_FILES when a symbol has no capture or a capture no symbol; RM_CAPTURE_*
 */
export async function recordingsOf(files: readonly string[], symbols: readonly string[]): Promise<readonly Recording[]> {
  const captures = await openCaptures(files)
  const pairs = new Map(await Promise.all(captures.map(async (one) => [one, await pairsOf(one)] as const)))
  const of = (symbol: string): Capture[] => captures.filter((one) => pairs.get(one)!.has(symbol))
  const missing = symbols.filter((symbol) => of(symbol).length === 0)
  const foreign = captures.filter((one) => pairs.get(one)!.size > 0 && !symbols.some((symbol) => pairs.get(one)!.has(symbol))).map((one) => one.file)
  if (missing.length > 0 || foreign.length > 0) fail('RM_REPLAY_FILES', { missing: missing.join(', ') || 'none', foreign: foreign.join(', ') || 'none' })
  return symbols.map((symbol) => ({ symbol, files: captures.filter((one) => pairs.get(one)!.size === 0 || pairs.get(one)!.has(symbol)).map((one) => resolve(one.file)) }))
}

/** Pairs whose book the files hold, for runs that were not told theirs. @throws RM_CAPTURE_* */
export async function recordedPairs(files: readonly string[]): Promise<readonly string[]> {
  const survey = await surveyCaptures(await openCaptures(files), HEAD_LINES)
  return [...new Set(survey.playable.filter((one) => one.unit !== null).flatMap((one) => one.named?.pair ?? []))]
}

/** Pairs that nobody asked for give way to those that the recordings are about. */
export async function withRecordedPairs({ config, sources }: LoadedConfig): Promise<Config> {
  if (config.exchange.market !== 'replay') return config
  const asked = sources.get('trading_pairs') ?? ''
  if (asked.startsWith('--') || asked.startsWith('environment') || asked.includes('local.yaml')) return config
  return { ...config, trading_pairs: [...(await recordedPairs(config.exchange.files))] }
}

/** Pairs that a file has book messages of. */
async function pairsOf(capture: Capture): Promise<ReadonlySet<string>> {
  const survey = await surveyCaptures([capture], HEAD_LINES)
  return new Set([...survey.symbols.values()].filter((one) => one.bookMessages > 0).flatMap((one) => one.named?.pair ?? []))
}
