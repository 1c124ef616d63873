import { type Capture, type CaptureSurvey, openCaptures, surveyCaptures, type SurveyedSymbol } from '../../../capture/index.ts'
import { fail, RingmasterError } from '../../../core/index.ts'
import type { Contract } from '../../port.ts'
import type { EventTape } from './event-tape.ts'
import { recordedContract } from './recorded-contract.ts'
import { TapeBuilder } from './tape-builder.ts'

/** Lines in which files of several instruments have said which they hold, and what their contracts are worth. */
const HEAD_LINES = 2000

export interface LoadedRecording {
  readonly contract: Contract
  readonly tape: EventTape
}

/**
 * Reads captures of one instrument, in order, into a tape on the grid of a contract. Of files with several instruments the
 * one that stands for the contract's symbol is taken (`BTC-USDT-SWAP` before `BTC-USDT` for BTCUSDT).
 * @throws RM_CAPTURE_*
 */
export async function loadTape(files: readonly string[], contract: Contract): Promise<EventTape> {
  const captures = await openCaptures(files)
  return tapeOf(captures, contract, await find(captures, contract.symbol))
}

/**
 * As `loadTape`, with the known contract of the pair where the recording is on its grid, else with one made for the recording.
 * @throws RM_CAPTURE_*
 */
export async function loadRecording(files: readonly string[], pair: string, known: readonly Contract[]): Promise<LoadedRecording> {
  const captures = await openCaptures(files)
  const contract = known.find((one) => one.symbol === pair)
  if (contract !== undefined) {
    try {
      return { contract, tape: await tapeOf(captures, contract, await find(captures, pair)) }
    } catch (error) {
      if (!(error instanceof RingmasterError) || error.code !== 'RM_CAPTURE_GRID') throw error
    }
  }
  const found = choose(await surveyCaptures(captures), pair, captures)
  const made = recordedContract(pair, found, names(captures))
  return { contract: made, tape: await tapeOf(captures, made, found) }
}

/** The head says it, or else the whole. */
async function find(captures: readonly Capture[], pair: string): Promise<SurveyedSymbol> {
  const found = (await surveyCaptures(captures, HEAD_LINES)).choose(pair)
  return found?.unit === undefined || found.unit === null ? choose(await surveyCaptures(captures), pair, captures) : found
}

function choose(survey: CaptureSurvey, pair: string, captures: readonly Capture[]): SurveyedSymbol {
  const found = survey.choose(pair)
  if (found !== undefined) return found
  const { playable } = survey
  if (playable.length === 0) fail('RM_CAPTURE_SNAPSHOT', { file: names(captures), events: [...survey.symbols.values()].reduce((sum, one) => sum + one.bookMessages + one.trades, 0) })
  return fail('RM_CAPTURE_SYMBOL', { file: names(captures), symbol: pair, present: playable.map((one) => one.symbol).join(', ') })
}

async function tapeOf(captures: readonly Capture[], contract: Contract, found: SurveyedSymbol): Promise<EventTape> {
  const builder = new TapeBuilder(contract, found.symbol, found.unit ?? fail('RM_CAPTURE_UNIT', { symbol: found.symbol, file: names(captures) }))
  for (const capture of captures) await capture.read(builder.file(capture.file))
  return builder.finish(names(captures))
}

const names = (captures: readonly Capture[]): string => captures.map((one) => one.file).join(' ')
