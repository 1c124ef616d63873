import { describe, expect, it } from 'vitest'
import type { SocketHandlers, Transport } from '../../src/venues/index.ts'
import { SymbolReporter } from '../../workers/symbol-reporter.ts'
import { eagerConfig, generated, virtualStart } from './virtual-run.ts'

/** Changes the size of one level in every delta of the book: whole, in order, on the grid, and wrong. Continuity cannot see it. */
class LyingTransport implements Transport {
  lies = 0
  active = false
  readonly #inner: Transport

  constructor(inner: Transport) {
    this.#inner = inner
  }

  socket(url: string, handlers: SocketHandlers): ReturnType<Transport['socket']> {
    if (!/\/public/.test(url)) return this.#inner.socket(url, handlers)
    return this.#inner.socket(url, {
      open: () => handlers.open(),
      close: (code, reason) => handlers.close(code, reason),
      message: (frame) => {
        const text = Buffer.from(frame).toString()
        const isDelta = /"topic":"orderbook\.[^{]*"type":"delta"|"channel":"books".*"action":"update"/.test(text)
        handlers.message(this.active && isDelta ? Buffer.from(this.#lie(text)) : frame)
      },
    })
  }

  request(...args: Parameters<Transport['request']>): void {
    this.#inner.request(...args)
  }

  #lie(text: string): string {
    return text.replace(/(\["[\d.]+","[\d.]*)([1-9])"/, (_whole, head: string, digit: string) => {
      this.lies++
      return `${head}${digit === '1' ? '2' : '1'}"`
    })
  }
}

describe.each(['bybit', 'okx'] as const)('MD-3: the books of a running engine are audited against REST, on %s', (venue) => {
  it('all equal while the stream is sound; a lie that continuity cannot see is proved, the book rebuilt, and entries wait', () => {
    const symbols = ['BTCUSDT']
    const config = eagerConfig(symbols, venue)
    let wire: LyingTransport | null = null
    const { engine, logs, journal } = virtualStart({ ...config, market_data: { ...config.market_data, audit_s: 5 } }, generated(symbols, 21), { wrapTransport: (inner) => (wire = new LyingTransport(inner)) })
    const reporter = new SymbolReporter(engine.memory.registry, engine.memory.shares, engine.instruments, engine.time)
    const book = (): ReturnType<SymbolReporter['symbols']>[number]['book'] => reporter.symbols()[0]!.book
    engine.runUntil(40e9)
    const { audits } = book()
    expect(audits.equal).toBeGreaterThanOrEqual(3)
    expect([audits.mismatch, book().entries, book().integrity]).toEqual([0, 'open', 1])

    wire!.active = true
    while (book().audits.mismatch === 0 && engine.time.nowNs() < 80e9) engine.runUntil(engine.time.nowNs() + 10e6)
    wire!.active = false
    const provedMs = engine.time.wallMs()
    expect([wire!.lies > 0, book().audits.mismatch, book().entries]).toEqual([true, 1, 'integrity'])
    const proof = logs.find((line) => line.message === 'the book differs from that of the venue, rebuilding')!
    expect(proof.data['difference']).toMatchObject({ ours: [expect.any(Number), expect.any(Number)], theirs: [expect.any(Number), expect.any(Number)] })

    engine.runUntil(engine.time.nowNs() + 40e9)
    expect(reporter.symbols()[0]).toMatchObject({ bookValid: true, priceSource: 'stream' })
    expect(book().audits.mismatch).toBe(1)
    expect(book().audits.equal).toBeGreaterThan(audits.equal)
    const entries: number[] = []
    journal.replay((record) => {
      if (record.kind === 'order-intended' && record.purpose === 'entry' && record.atMs > provedMs) entries.push(record.atMs)
    })
    expect(entries).toEqual([])
    expect([...engine.record.counts.keys()].some((name) => name === 'execution decisions_refused book-integrity')).toBe(true)
    engine.stop()
  }, 30_000)
})
