import { openCapture, type Capture } from './capture.ts'
import type { CaptureEvent, SizeUnit } from './events.ts'
import { namedInstrument, type NamedInstrument } from './pairs.ts'
import { StepFinder } from './steps.ts'

/** What a look at recorded files says of one instrument. */
export class SurveyedSymbol {
  readonly symbol: string
  readonly named: NamedInstrument | null
  readonly price = new StepFinder()
  readonly size = new StepFinder()
  /** null when its sizes are contracts and nothing recorded says what one is worth. */
  unit: SizeUnit | null
  /** Grid by the venue's own word, in its units of size; '' where it was not recorded. */
  venueTick = ''
  venueLot = ''
  snapshots = 0
  bookMessages = 0
  trades = 0
  /** A price seen, for conversions of inverse contracts; '' before the first. */
  somePrice = ''

  constructor(symbol: string) {
    this.symbol = symbol
    this.named = namedInstrument(symbol)
    // OKX counts derivatives in contracts; elsewhere the dialect says what is not coin.
    this.unit = /-(?:SWAP|\d{6})$/.test(symbol) ? null : { in: 'base', value: '1' }
  }

  /** A book can be built of it. */
  get playable(): boolean {
    return this.snapshots > 0
  }
}

/** Looks at books and trades, and remembers grid and unit of every instrument. */
export class CaptureSurvey {
  readonly symbols = new Map<string, SurveyedSymbol>()

  readonly take = (event: CaptureEvent): void => {
    if (event.kind === 'instrument') {
      const symbol = this.#of(event.symbol)
      symbol.unit = event.unit
      symbol.venueTick = event.tick
      symbol.venueLot = event.lot
      return
    }
    if (event.kind === 'trade') {
      const symbol = this.#of(event.symbol)
      symbol.trades++
      symbol.price.take(event.price)
      symbol.size.take(event.size)
    } else if (event.kind === 'book') {
      const symbol = this.#of(event.symbol)
      symbol.bookMessages++
      if (event.snapshot) symbol.snapshots++
      for (const levels of [event.bids, event.asks]) {
        for (const level of levels) {
          symbol.price.take(level[0])
          symbol.size.take(level[1])
        }
      }
      if (symbol.somePrice === '') symbol.somePrice = event.bids[0]?.[0] ?? event.asks[0]?.[0] ?? ''
    }
  }

  #of(symbol: string): SurveyedSymbol {
    let found = this.symbols.get(symbol)
    if (found === undefined) this.symbols.set(symbol, (found = new SurveyedSymbol(symbol)))
    return found
  }

  /** Instruments with a book, those that stand for a pair best first. */
  get playable(): readonly SurveyedSymbol[] {
    return [...this.symbols.values()].filter((one) => one.playable).sort((a, b) => (a.named?.rank ?? 9) - (b.named?.rank ?? 9))
  }

  /** The instrument to play for a pair: of that name, else the one that stands for it best, else the only one there is. */
  choose(pair: string): SurveyedSymbol | undefined {
    const { playable } = this
    return playable.find((one) => one.symbol === pair) ?? playable.find((one) => one.named?.pair === pair) ?? (playable.length === 1 ? playable[0] : undefined)
  }
}

/** Opens files in reading order: answers of REST requests before the streams that follow on them. @throws RM_CAPTURE_READ, RM_CAPTURE_FORMAT */
export async function openCaptures(files: readonly string[]): Promise<readonly Capture[]> {
  const captures = await Promise.all(files.map((file) => openCapture(file)))
  return [...captures.filter((one) => one.sniffed.answersOnly), ...captures.filter((one) => !one.sniffed.answersOnly)]
}

/** Surveys files in order; `lineLimit` lines of each. @throws RM_CAPTURE_READ, RM_CAPTURE_LINE */
export async function surveyCaptures(captures: readonly Capture[], lineLimit?: number): Promise<CaptureSurvey> {
  const survey = new CaptureSurvey()
  for (const capture of captures) await capture.read(survey.take, lineLimit)
  return survey
}
