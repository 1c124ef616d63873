import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { JournalAlarm } from '../../src/trading/index.ts'

describe('a journal that cannot be written', () => {
  const rig = () => {
    const time = new VirtualTime(0)
    const lines: { readonly atMs: number; readonly level: string; readonly data: unknown }[] = []
    let counted = 0
    const alarm = new JournalAlarm({
      clock: time,
      count: () => void counted++,
      log: (level, _message, data) => void lines.push({ atMs: Math.round(time.nowNs() / 1e6), level, data }),
    })
    return { time, alarm, lines, counted: () => counted }
  }
  const fail = ({ time, alarm }: ReturnType<typeof rig>, ms: number): void => {
    for (let at = 0; at < ms; at += 50) {
      alarm.failed(new Error('disk full'))
      time.runUntil(time.nowNs() + 50e6)
    }
  }

  it('is told at once, then with growing pauses of at most a minute and with the number of failures, and is told when it is over', () => {
    const r = rig()
    fail(r, 300_000)
    expect(r.lines.map((line) => line.atMs)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000, 243_000])
    expect(r.lines.every((line) => line.level === 'error')).toBe(true)
    expect(r.lines[1]!.data).toEqual({ error: 'Error: disk full', failures: 21, forMs: 1000 })
    expect(r.counted()).toBe(6000)
    r.alarm.look(false)
    expect(r.lines).toHaveLength(10)
    r.alarm.look(true)
    r.alarm.look(true)
    expect(r.lines.slice(10)).toEqual([{ atMs: 300_000, level: 'warn', data: { failures: 6000, forMs: 300_000 } }])
  })

  it('one that comes and goes is told by the same pauses; after a long good time it is told at once again', () => {
    const r = rig()
    for (let n = 0; n < 600; n++) {
      fail(r, 50)
      r.alarm.look(true)
    }
    expect(r.lines.filter((line) => line.level === 'error').map((line) => line.atMs)).toEqual([0, 1000, 3000, 7000, 15_000])
    expect(r.lines.filter((line) => line.level === 'warn')).toHaveLength(5)
    r.time.runUntil(r.time.nowNs() + 120e9)
    const before = r.lines.length
    fail(r, 1100)
    expect(r.lines.slice(before).map((line) => line.atMs - 150_000)).toEqual([0, 1000])
  })
})
