import { type BookEvent, type CandleEvent, type Capture, type CaptureEvent, type CaptureSurvey, type QuoteEvent, surveyCaptures, type TradeEvent } from '../../capture/index.ts'
import { DecimalStep } from '../../core/index.ts'
import { BookCheck, type BookGrid } from './checked-book.ts'
import { type CaptureReport, type CheckedFault, type CheckedGap, LISTED_MAX } from './report.ts'

/** Lines from which the grid of prices and sizes is taken at first. */
const HEAD_LINES = 2000

/** The grid that was taken from the head of a file is too coarse for the rest. */
class OffGrid extends Error {}

/**
 * Checks recorded files that belong together, in order: every line readable, no message missing by the rules of its venue, no book
 * crossed (in the engine's own order book), every checksum right; clocks and silences measured.
 * @param lineLimit lines of each file. @throws RM_CAPTURE_READ, RM_CAPTURE_LINE
 */
export async function checkCaptures(captures: readonly Capture[], lineLimit?: number): Promise<CaptureReport> {
  try {
    return await checkOn(await surveyCaptures(captures, Math.min(HEAD_LINES, lineLimit ?? HEAD_LINES)), captures, lineLimit)
  } catch (error) {
    if (!(error instanceof OffGrid)) throw error
    return checkOn(await surveyCaptures(captures, lineLimit), captures, lineLimit)
  }
}

async function checkOn(survey: CaptureSurvey, captures: readonly Capture[], lineLimit?: number): Promise<CaptureReport> {
  const check = new CaptureCheck(survey)
  const files: { file: string; format: string; lines: number }[] = []
  for (const capture of captures) files.push({ file: capture.file, format: capture.format, lines: await capture.read(check.file(capture.file), lineLimit) })
  return check.report(files)
}

class CaptureCheck {
  readonly #survey: CaptureSurvey
  readonly #books = new Map<string, BookCheck>()
  readonly #symbols = new Set<string>()
  readonly #messages: Record<string, number> = {}
  readonly #lastLine: Record<string, number> = {}
  readonly #gaps: CheckedGap[] = []
  readonly #faults: CheckedFault[] = []
  readonly #notes: string[] = []
  readonly #tradeNumbers = new Map<string, number>()
  readonly #candles = new Map<string, CandleEvent>()
  readonly #quoteIds = new Map<string, number>()
  readonly #skews: number[] = []
  readonly #tradeSkews: number[] = []
  #gapCount = 0
  #missing = 0
  #faultCount = 0
  #knownGaps = 0
  #checked = 0
  #matching = 0
  #unknownIds = 0
  #emptyBars = 0
  #firstMs = Number.NaN
  #lastMs = Number.NaN
  #silence: CaptureReport['silence'] = null
  #file = ''
  #line = 0
  #lineMs = Number.NaN

  constructor(survey: CaptureSurvey) {
    this.#survey = survey
  }

  /** @returns what takes the events of the next file */
  file(file: string): (event: CaptureEvent) => void {
    this.#file = file
    this.#line = 0
    this.#lineMs = Number.NaN
    for (const kind of Object.keys(this.#lastLine)) this.#lastLine[kind] = 0
    return (event) => this.#take(event)
  }

  report(files: CaptureReport['files']): CaptureReport {
    const books = [...this.#books.values()]
    for (const { chain, summary } of books) {
      if (summary.snapshots === 0) this.#notes.push(`no snapshot of ${summary.symbol} ${summary.stream}: ${chain.waiting > 0 ? `the chain of its ${chain.waiting} updates was checked, the book was not` : 'nothing of it could be checked'}`)
      chain.finish()
    }
    const summaries = books.map((book) => book.summary)
    const skews = (this.#skews.length > 0 ? this.#skews : this.#tradeSkews).sort((a, b) => a - b)
    return {
      files,
      symbols: [...this.#symbols].sort(),
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      messages: this.#messages,
      books: summaries,
      gaps: this.#gaps,
      gapCount: this.#gapCount,
      missingCount: this.#missing,
      knownGaps: this.#knownGaps,
      faults: this.#faults,
      faultCount: this.#faultCount,
      checksums: { checked: this.#checked, matching: this.#matching },
      skewMs: skews.length === 0 ? null : { median: skews[skews.length >> 1]!, min: skews[0]!, max: skews.at(-1)! },
      silence: this.#silence,
      emptyBars: this.#emptyBars,
      leftOut: { beforeSnapshot: books.reduce((sum, book) => sum + book.chain.orphans, 0), inSnapshot: books.reduce((sum, book) => sum + book.chain.contained, 0), unknownId: this.#unknownIds },
      notes: this.#notes,
      sound: this.#gapCount === 0 && this.#faultCount === 0 && this.#checked === this.#matching,
    }
  }

  #take(event: CaptureEvent): void {
    this.#count(event)
    if (event.kind === 'control') {
      if (event.what === 'dropped') this.#unknownIds++
      else if (event.what === 'torn') this.#notes.push(event.text)
      else if (event.what === 'lost') this.#lost(event.symbol)
      return
    }
    if (event.kind === 'instrument') return
    this.#symbols.add(event.symbol)
    this.#clock(event)
    if (event.kind === 'book') this.#bookOf(event).chain.take(event)
    else if (event.kind === 'trade') this.#trade(event)
    else if (event.kind === 'candle') this.#candle(event)
    else if (event.kind === 'quote') this.#quote(event)
  }

  #count(event: CaptureEvent): void {
    const kind = event.kind === 'control' ? `control ${event.what}` : event.kind
    if (this.#lastLine[kind] === event.line) return
    this.#lastLine[kind] = event.line
    this.#messages[kind] = (this.#messages[kind] ?? 0) + 1
  }

  #lost(symbol: string): void {
    this.#knownGaps++
    for (const book of this.#books.values()) if (symbol === '' || book.summary.symbol === symbol) book.chain.lost()
  }

  #clock(event: CaptureEvent): void {
    if (event.line === this.#line) return
    this.#line = event.line
    const receiveMs = event.receiveS < 0 ? Number.NaN : event.receiveS * 1000 + event.receiveNs / 1e6
    const ms = Number.isNaN(receiveMs) ? event.venueMs : receiveMs
    if (Number.isNaN(ms)) return
    if (Number.isNaN(this.#firstMs) || ms < this.#firstMs) this.#firstMs = ms
    if (Number.isNaN(this.#lastMs) || ms > this.#lastMs) this.#lastMs = ms
    if (ms < this.#lineMs) this.#fault(event, `time goes back by ${(this.#lineMs - ms).toFixed(3)} ms`)
    if (ms - this.#lineMs > (this.#silence?.ms ?? -1)) this.#silence = { ms: ms - this.#lineMs, file: this.#file, line: event.line }
    this.#lineMs = ms
    if (Number.isNaN(receiveMs) || Number.isNaN(event.venueMs)) return
    // The time of a trade is when it happened, which may be long before it was told.
    if (event.kind !== 'trade') this.#skews.push(receiveMs - event.venueMs)
    else if (!event.history) this.#tradeSkews.push(receiveMs - event.venueMs)
  }

  #bookOf(event: BookEvent): BookCheck {
    const key = `${event.symbol} ${event.stream}`
    let book = this.#books.get(key)
    if (book === undefined) {
      book = new BookCheck(event.symbol, event.stream, this.#gridOf(event.symbol), {
        gap: ({ event: at, expected, actual }) => this.#gap({ file: this.#file, line: at.line, symbol: at.symbol, of: 'book', expected, actual, missing: 0 }),
        fault: (at, what) => this.#fault(at, what),
        checksum: (at, matches) => {
          this.#checked++
          if (matches) this.#matching++
          else this.#fault(at, 'checksum does not match')
        },
        offGrid: () => {
          throw new OffGrid()
        },
      })
      this.#books.set(key, book)
    }
    return book
  }

  #gridOf(symbol: string): BookGrid {
    const found = this.#survey.symbols.get(symbol)
    if (found === undefined) throw new OffGrid()
    return { tick: new DecimalStep(found.price.decimalStep), lot: new DecimalStep(found.size.decimalStep) }
  }

  #trade(event: TradeEvent): void {
    if (event.firstNumber < 0) return
    const key = `${event.symbol}${event.aggregate ? ' aggregate' : ''}`
    const last = this.#tradeNumbers.get(key)
    this.#tradeNumbers.set(key, event.lastNumber)
    if (last === undefined || event.firstNumber === last + 1) return
    this.#gap({ file: this.#file, line: event.line, symbol: event.symbol, of: 'trades', expected: String(last + 1), actual: String(event.firstNumber), missing: Math.max(0, event.firstNumber - last - 1) })
  }

  #candle(event: CandleEvent): void {
    if (event.volume !== '' && Number(event.volume) === 0) this.#emptyBars++
    const key = `${event.symbol} ${event.of}`
    const last = this.#candles.get(key)
    this.#candles.set(key, event)
    // A forming candle is told again and again.
    if (last === undefined || event.openMs === last.openMs) return
    const stepMs = event.openMs - last.openMs
    if (stepMs < 0) this.#fault(event, `bar ${event.openMs} after bar ${last.openMs}`)
    else if (!event.sparse && stepMs !== event.intervalMs) {
      this.#gap({ file: this.#file, line: event.line, symbol: event.symbol, of: 'candles', expected: String(last.openMs + event.intervalMs), actual: String(event.openMs), missing: Math.round(stepMs / event.intervalMs) - 1 })
    }
  }

  #quote(event: QuoteEvent): void {
    if (Number(event.bidPrice) >= Number(event.askPrice)) this.#fault(event, `quote crossed: bid ${event.bidPrice}, ask ${event.askPrice}`)
    if (event.updateId < 0) return
    const last = this.#quoteIds.get(event.symbol) ?? 0
    if (event.updateId < last) this.#fault(event, `quote ${event.updateId} after quote ${last}`)
    this.#quoteIds.set(event.symbol, event.updateId)
  }

  #gap(gap: CheckedGap): void {
    this.#gapCount++
    this.#missing += gap.missing
    if (this.#gaps.length < LISTED_MAX) this.#gaps.push(gap)
  }

  #fault(event: CaptureEvent, what: string): void {
    this.#faultCount++
    if (this.#faults.length < LISTED_MAX) this.#faults.push({ file: this.#file, line: event.line, symbol: event.symbol, what })
  }
}
