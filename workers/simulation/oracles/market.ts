import { money } from '../../../src/core/index.ts'
import { parseClientId } from '../../../src/trading/index.ts'
import type { Oracle } from '../court.ts'
import type { EngineProcess } from '../engine-process.ts'
import type { Command } from '../out-frame.ts'
import { BookChain } from './book-chain.ts'
import type { OracleParts } from './parts.ts'

/** Frames that may still arrive are remembered so long. */
const REMEMBERED_NS = 60e9
/** Between the look at a price and the frame: the wait for a place under a limit; and what the venue's clock is known to. */
const LEAVES_MS = 600
/** Between the state of the book that a frame shows and the moment at which the exchange publishes it. */
const BUILT_NS = 0.1e9
/** What a stalled process has before it when it goes on reaches it at one moment, and is worked off within this. */
const WORKED_OFF_NS = 1e9
/** After a change of a contract ticks are told in two grids for a while. */
const CHANGE_NS = 12e9
/** After a change of a contract the engine may not know it yet. */
const CONTRACT_NS = 70e9

interface Top {
  readonly bidTicks: number
  readonly askTicks: number
  readonly atNs: number
}

/** What orders rest on: F14 and F17 (young data), F15 (a book that was), F24 (numbers that the venue can take). */
export function marketOracle({ court, stage, kinds }: OracleParts): Oracle {
  const published = new Map<string, { readonly symbol: string; readonly atNs: number }>()
  const heardNs = new Map<string, number>()
  /** The oldest publication among the last frames that reached a process together: of one that stood still, all that waited for it. */
  const oldest = new Map<string, { heardNs: number; publishedNs: number }>()
  const chain = new BookChain()
  const tops = new Map<string, Top[]>()
  const changedNs = new Map<string, number>()
  const decided = new Map<string, { readonly receiveNs: number; readonly veto: string }>()
  const nowNs = (): number => court.time.nowNs()
  const { front, exchange } = stage.venue
  const topics = new Map(front.faultNames(50).books.map((topic, index) => [topic, stage.symbols[index]!]))

  front.faults.listenFrames((topic, frame) => {
    const symbol = topics.get(topic)
    if (symbol === undefined) return
    published.set(frame, { symbol, atNs: nowNs() })
    // Oldest first, so that a few looks keep it short.
    for (const [text, { atNs }] of published) {
      if (atNs > nowNs() - REMEMBERED_NS) break
      published.delete(text)
    }
  })
  exchange.listen({
    onBookChanged: (symbol) => {
      const [bidTicks, askTicks] = court.top(symbol)
      const list = tops.get(symbol) ?? []
      tops.set(symbol, list)
      const last = list.at(-1)
      if (last?.bidTicks !== bidTicks || last.askTicks !== askTicks) list.push({ bidTicks, askTicks, atNs: nowNs() })
      while (list.length > 1 && list[1]!.atNs < nowNs() - REMEMBERED_NS) list.shift()
    },
    onInstrument: (contract) => void changedNs.set(contract.symbol, nowNs()),
  })

  /**
   * Whether the exchange showed this top of the book when the data of a decision was made. That is told from the publication of
   * the frames and not from now: a process that stood still for long decides on what waited for it, and it is for F17 that
   * such a decision leads to nothing.
   */
  const shown = (process: EngineProcess, symbol: string, bidTicks: number, askTicks: number): boolean => {
    const list = tops.get(symbol)
    if (list === undefined) return true
    const batch = oldest.get(`${process.number}/${symbol}`)
    if (batch === undefined) return true
    for (let i = list.length - 1; i >= 0; i--) {
      const top = list[i]!
      if (top.bidTicks === bidTicks && top.askTicks === askTicks) return true
      if (top.atNs < batch.publishedNs - BUILT_NS) return false
    }
    return false
  }

  stage.model.listen((process, symbolIndex, decision) => {
    const instrument = process.life!.instruments[symbolIndex]!
    decided.set(`${process.number}/${instrument.symbol}/${decision.sequence}`, { receiveNs: decision.receiveNs, veto: decision.veto })
    const { bidTicks, askTicks } = decision
    court.judge('F15')
    if (!(bidTicks < askTicks)) court.report('F15', `decision ${decision.sequence} of ${instrument.symbol} rests on a crossed book: ${bidTicks}/${askTicks}`, [])
    const brokenNs = chain.brokenNs(process, instrument.symbol)
    if (brokenNs >= 0 && decision.receiveNs > brokenNs) court.report('F15', `decision ${decision.sequence} of ${instrument.symbol} rests on data received ${((decision.receiveNs - brokenNs) / 1e6).toFixed(0)} ms after an update of its book was missing, and no snapshot has come`, [])
    // The engine counts in listed ticks, the exchange in the finest ones.
    const steps = Math.round(instrument.tick.value / exchange.contract(instrument.symbol)!.tick.value)
    const was = shown(process, instrument.symbol, bidTicks * steps, askTicks * steps)
    if (!was && nowNs() - (changedNs.get(instrument.symbol) ?? -CONTRACT_NS) > CHANGE_NS) court.report('F15', `decision ${decision.sequence} of ${instrument.symbol} rests on ${bidTicks}/${askTicks}, which the exchange did not show when it published that book, or since`, [])
  })

  // How long a frame was on its way is read off two clocks: where one of them is wrong, only the time since it arrived is known.
  const wrongClocks = kinds.has('venue-clock')
  const young = (command: Command, symbol: string, process: EngineProcess): void => {
    const bookNs = heardNs.get(`${process.number}/${symbol}`)
    const limitMs = process.config.freshness.order_ms + LEAVES_MS
    if (bookNs === undefined) return court.report('F14', `${command.clientId} left before any book of ${symbol} was heard`, [command.clientId])
    const ageMs = (nowNs() - bookNs) / 1e6
    court.judge('F14')
    if (ageMs > limitMs) court.report('F14', `${command.clientId} left on a book of ${symbol} that the exchange published ${ageMs.toFixed(0)} ms before, at most ${limitMs} are allowed`, [command.clientId])
  }

  const sound = (command: Command, symbol: string, process: EngineProcess): void => {
    const instrument = process.life?.instruments.find((one) => one.symbol === symbol)
    if (instrument === undefined) return court.report('F24', `${command.clientId} left for ${symbol}, which is not traded here`, [command.clientId])
    const bad = (what: string): void => court.report('F24', `${command.clientId} left with ${what}`, [command.clientId])
    court.judge('F24')
    const plain = /^\d+(?:\.\d+)?$/
    const sized = command.op === 'place' && !command.closesAll
    if (sized && (!plain.test(command.sizeText) || money(command.sizeText).lte(0))) return bad(`size "${command.sizeText}"`)
    if (command.stopText !== '' && !plain.test(command.stopText)) return bad(`a stop at "${command.stopText}"`)
    if (command.priceText !== '' && (!plain.test(command.priceText) || money(command.priceText).lte(0))) return bad(`price "${command.priceText}"`)
    const lot = 'listings' in front ? front.listings.bySymbol(symbol).lotSz.text : instrument.lot.text
    if (nowNs() - (changedNs.get(symbol) ?? -CONTRACT_NS) < CONTRACT_NS) return
    if (command.stopText !== '' && !money(command.stopText).div(money(instrument.tick.text)).isInteger()) return bad(`a stop at ${command.stopText} off the grid of ${instrument.tick.text}`)
    if (!sized) return
    if (!money(command.sizeText).div(money(lot)).isInteger()) return bad(`size ${command.sizeText} off the grid of ${lot}`)
    if (command.priceText !== '' && !money(command.priceText).div(money(instrument.tick.text)).isInteger()) return bad(`price ${command.priceText} off the grid of ${instrument.tick.text}`)
    const contract = exchange.contract(symbol)!
    const lots = money(command.sizeText).div(money(lot)).toNumber()
    if (lots < contract.minLots || lots > contract.maxLots) return bad(`${lots} lots, ${contract.minLots} to ${contract.maxLots} are possible`)
    if (!command.reduceOnly && command.priceText !== '' && money(command.priceText).mul(money(instrument.lot.text)).mul(lots).lt(money(contract.minNotional))) bad(`a value below ${contract.minNotional}`)
  }

  return {
    onClosed: (url, process) => {
      if (url.includes('/public')) chain.closed(process)
    },
    onFrame: (url, frame, process) => {
      if (!url.includes('/public')) return
      const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString()
      const found = published.get(text)
      if (found === undefined) return
      chain.heard(process, found.symbol, text)
      const key = `${process.number}/${found.symbol}`
      const batch = oldest.get(key)
      if (batch === undefined) oldest.set(key, { heardNs: nowNs(), publishedNs: found.atNs })
      else if (batch.heardNs < nowNs() - WORKED_OFF_NS || found.atNs <= batch.publishedNs) {
        batch.heardNs = nowNs()
        batch.publishedNs = found.atNs
      }
      heardNs.set(key, Math.max(wrongClocks ? nowNs() : found.atNs, heardNs.get(key) ?? 0))
    },
    onRecord: (record, process) => {
      if (record.kind !== 'order-intended' || record.decisionSequence < 0) return
      const decision = decided.get(`${process.number}/${record.symbol}/${record.decisionSequence}`)
      court.judge('F17')
      if (decision === undefined) return court.report('F17', `${record.clientId} rests on decision ${record.decisionSequence}, which was never made`, [record.clientId])
      if (decision.veto !== '' && decision.veto !== 'old') court.report('F24', `${record.clientId} rests on a decision with ${decision.veto}`, [record.clientId])
      const ageMs = (record.atNs - decision.receiveNs) / 1e6
      if (ageMs > process.config.freshness.order_ms) court.report('F17', `${record.clientId} rests on data received ${ageMs.toFixed(0)} ms before`, [record.clientId])
    },
    onCommand: (command, process) => {
      if (command.op !== 'place' && command.stopText === '') return
      const symbol = court.log.orders.get(command.clientId)?.symbol ?? command.symbol
      sound(command, symbol, process)
      const sequence = court.log.orders.get(command.clientId)?.intent?.decisionSequence ?? -1
      const decision = decided.get(`${process.number}/${symbol}/${sequence}`)
      if (decision !== undefined && !command.reduceOnly) {
        const ageMs = (process.clock.nowNs() - decision.receiveNs) / 1e6
        if (ageMs > process.config.freshness.order_ms + LEAVES_MS) court.report('F17', `${command.clientId} left ${ageMs.toFixed(0)} ms after the data of its decision was received`, [command.clientId])
      }
      if (parseClientId(command.clientId)?.intent.kind === 'decision') young(command, symbol, process)
    },
  }
}
