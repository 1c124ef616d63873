import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { formatNs, formatUptime, renderStatusLine, StatusLine } from '../../src/cli/index.ts'
import { actor, snapshot, symbolHealth } from '../health/fixture.ts'

describe('status line', () => {
  it('is never longer than the terminal is wide and never leaves its line, whatever errors say', () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('\n\r\x1b[2J', 'ошибка', '漢字漢字', '🚀🚀', ''))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.array(anyText, { maxLength: 3 }), fc.array(anyText, { maxLength: 12 }), anyText, (width, reasons, symbols, mode) => {
        const line = renderStatusLine(
          snapshot({
            status: 'degraded',
            reasons,
            mode,
            symbols: symbols.map((symbol) => symbolHealth(symbol, { regime: symbol, position: { side: 'short', size: symbol, entryPrice: '1', exitPlan: 'entry', stop: { price: null, state: 'none', alarm: false } } })),
          }),
          width,
        )
        expect(line.length).toBeLessThanOrEqual(width)
        expect(line).toMatch(/^[\x20-\x7e]*$/)
      }),
    )
  })

  it('says the status first, then why, and drops whole parts when there is no room', () => {
    const state = snapshot({ status: 'down', reasons: ['actor execution is suspended', 'BTCUSDT has no fresh price'], actors: [actor('execution', { state: 'suspended', restarts: 6 }), actor('ingest:BTCUSDT')] })
    expect(renderStatusLine(state, 300)).toBe(
      'DOWN | actor execution is suspended (+1 more) | actors 1/2 | books 1/1 | BTCUSDT long 0.05 | paper | up 01:02:03 | restarts 6 | tick to decision p50 120 us p99 1.25 ms | BTCUSDT 97123.5',
    )
    expect(renderStatusLine(state, 60)).toBe('DOWN | actor execution is suspended (+1 more) | actors 1/2')
    expect(renderStatusLine(state, 20)).toBe('DOWN | actors 1/2')
    expect(renderStatusLine(state, 3)).toBe('DO~')
    expect(renderStatusLine(state, 0)).toBe('')
  })

  it('EX-2: says that the kill switch is engaged before everything but the status', () => {
    const kill = { ...snapshot().kill, engaged: true, code: 'daily-loss', reason: 'the day has lost 12' }
    expect(renderStatusLine(snapshot({ kill }), 32)).toBe('OK | KILL SWITCH (daily-loss)')
  })

  it('keeps the last line of the terminal, with log lines above it, and goes away when stopped', () => {
    const time = new VirtualTime(0)
    let screen = ''
    let uptimeMs = 0
    const line = new StatusLine({ write: (text) => void (screen += text), columns: () => 120, snapshot: () => snapshot({ uptimeMs: (uptimeMs += 1000) }), timers: time })
    line.print('before\n')
    line.start()
    time.runUntil(1e9)
    line.print('a log line\n')
    line.stop()
    line.print('after\n')
    time.runUntil(5e9)
    // What a terminal shows: a cleared line is written over, a newline keeps it.
    const kept = screen.split('\n').map((text) => text.split('\x1b[2K').at(-1))
    expect(kept).toEqual(['before', 'a log line', 'after', ''])
    const drawn = screen.split('\r\x1b[2K').filter((text) => text.startsWith('OK | '))
    expect(drawn.map((text) => /up (\S+)/.exec(text)?.[1])).toEqual(['00:00:01', '00:00:02', '00:00:03', '00:00:04'])
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThan(120)
    expect(time.pending).toBe(0)
  })

  it('writes durations with three digits', () => {
    expect([0, 7, 999, 1000, 1234, 482_000, 1_250_000, 59_990_000_000].map(formatNs)).toEqual(['0 ns', '7 ns', '999 ns', '1 us', '1.23 us', '482 us', '1.25 ms', '60.0 s'])
    expect([0, 59_999, 3_723_000, 86_400_000 * 2 + 1000].map(formatUptime)).toEqual(['00:00:00', '00:00:59', '01:02:03', '2d 00:00:01'])
  })
})
