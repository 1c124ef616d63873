import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random, VirtualTime } from '../../src/core/index.ts'
import { type Delivery, Lane, type LaneLimits, Notifier, redactor } from '../../src/alerts/index.ts'
import { ALERT_SEVERITIES, type AlertSeverity } from '../../src/telemetry/index.ts'
import { HandChannel, limits, notice, raised, written } from './support.ts'

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

function setUp(more: Partial<LaneLimits> = {}, least: AlertSeverity = 'info') {
  const time = new VirtualTime(1_700_000_000_000)
  const channel = new HandChannel()
  const { log, lines } = written()
  const lane = new Lane(channel, least, limits(more), { clock: time, timers: time, random: new Random(7), log })
  /** Lets time pass, and everything that is waited for happen in it. */
  const pass = async (ms: number): Promise<void> => {
    await settled()
    const untilNs = time.nowNs() + ms * 1e6
    while (time.nextNs <= untilNs && time.step()) await settled()
    time.runUntil(untilNs)
    await settled()
  }
  let count = 0
  const accept = (alert: Parameters<typeof raised>[0] = {}): void => lane.accept(notice({ id: `n${++count}`, atMs: time.wallMs(), alert: { key: `k${count}`, ...alert } }))
  return { time, channel, lane, lines, pass, accept, titles: () => channel.sent.map((one) => one.notice.alert.title) }
}

const later = (afterMs: number | null = null): Delivery => ({ kind: 'later', reason: 'not now', afterMs })

describe('lane of a channel', () => {
  it('hands on what reaches the threshold, and counts what does not', async () => {
    const { accept, pass, titles, lane } = setUp({}, 'warning')
    accept({ title: 'a', severity: 'info' })
    accept({ title: 'b', severity: 'warning' })
    accept({ title: 'c', severity: 'critical', resolved: true })
    await pass(10)
    expect(titles()).toEqual(['b', 'c'])
    expect(lane.health()).toMatchObject({ delivered: 2, belowSeverity: 1, state: 'idle', waiting: 0, lastDeliveredMs: expect.any(Number) as number })
  })

  it('is held up by nothing: a channel that hangs gets one, the rest waits in order of severity, accept returns at once', async () => {
    const { channel, accept, pass, titles, lane } = setUp()
    let free: (delivery: Delivery) => void = () => {}
    channel.answer = () => new Promise((resolve) => void (free = resolve))
    for (const severity of ['info', 'warning', 'critical'] as const) accept({ severity, title: severity })
    await pass(3_600_000)
    expect(titles()).toEqual(['info'])
    expect(lane.health()).toMatchObject({ state: 'sending', waiting: 3 })
    channel.answer = () => ({ kind: 'delivered' })
    free({ kind: 'delivered' })
    await pass(100)
    expect(titles()).toEqual(['info', 'critical', 'warning'])
  })

  it('keeps to the rate of the channel and forgets nothing of what waits', async () => {
    const { channel, accept, pass } = setUp({ burst: 2, everyMs: 1000 })
    for (let i = 0; i < 6; i++) accept()
    await pass(0)
    expect(channel.sent).toHaveLength(2)
    await pass(1000)
    expect(channel.sent).toHaveLength(3)
    await pass(3000)
    expect(channel.sent).toHaveLength(6)
  })

  it('tells repeats of a key together once it has calmed', async () => {
    const { channel, accept, pass, lane } = setUp({ key: { burst: 1, everyMs: 5000, quietMs: 2000, keysMax: 10 } })
    for (let i = 0; i < 18; i++) {
      accept({ key: 'same', title: `t${i}` })
      await pass(10)
    }
    expect(channel.sent).toHaveLength(1)
    expect(lane.health()).toMatchObject({ keptBack: 17 })
    await pass(6000)
    expect(channel.sent[1]).toMatchObject({ notice: { more: 16, alert: { title: 't17' } } })
    expect(lane.health()).toMatchObject({ keptBack: 0, delivered: 2, stoodFor: 16 })
  })

  it('tries again with growing waits, half of them chance, and says only when it begins and when it is over', async () => {
    const { time, channel, accept, pass, lines, lane } = setUp({ backoffMs: 1000, backoffMaxMs: 8000 })
    const at: number[] = []
    channel.answer = () => {
      at.push(time.nowNs() / 1e6)
      return at.length <= 6 ? later() : { kind: 'delivered' }
    }
    accept()
    await pass(60_000)
    const waits = at.slice(1).map((ms, i) => ms - at[i]!)
    for (const [i, whole] of [1000, 2000, 4000, 8000, 8000, 8000].entries()) {
      expect(waits[i]!).toBeGreaterThanOrEqual(whole / 2)
      expect(waits[i]!).toBeLessThanOrEqual(whole + 1)
    }
    expect(new Set(waits.slice(3)).size).toBe(3)
    expect(lines.map((line) => line.split(' {')[0])).toEqual(['warn alerts cannot leave by hand, tried again: not now', expect.stringMatching(/^info hand takes alerts again after \d+ s$/)])
    expect(lane.health()).toMatchObject({ retries: 6, failures: 0, delivered: 1, lastError: null })
  })

  it('waits as long as the other side asks for, but not for ever', async () => {
    const { time, channel, accept, pass } = setUp()
    const at: number[] = []
    channel.answer = () => {
      at.push(time.nowNs() / 1e6)
      return at.length === 1 ? later(30_000) : at.length === 2 ? later(1e12) : { kind: 'delivered' }
    }
    accept()
    await pass(29_990)
    expect(at).toHaveLength(1)
    await pass(20)
    expect(at).toHaveLength(2)
    await pass(3_600_001)
    expect(at).toHaveLength(3)
  })

  it('drops what is not taken in time, counts it, and says so with the next one that leaves', async () => {
    const { channel, accept, pass, lane, lines } = setUp({ giveUpMs: 10_000, backoffMaxMs: 2000 })
    channel.answer = () => later()
    accept({ title: 'lost' })
    await pass(60_000)
    expect(lane.health()).toMatchObject({ dropped: 1, waiting: 0, delivered: 0, state: 'failing' })
    expect(lines.some((line) => line.includes('an alert for hand is dropped: not taken for 10 s (not now)'))).toBe(true)
    channel.answer = () => ({ kind: 'delivered' })
    accept({ title: 'next' })
    await pass(10_000)
    accept({ title: 'one more' })
    await pass(10_000)
    expect(channel.sent.slice(-2).map((one) => [one.notice.alert.title, one.dropped])).toEqual([['next', 1], ['one more', 0]])
  })

  it('drops the least severe when its queue is full, also while a try is under way', async () => {
    const { channel, accept, pass, lane, titles } = setUp({ queueMax: 2, giveUpMs: 1e9, backoffMs: 10, backoffMaxMs: 10 })
    channel.answer = () => later()
    accept({ title: 'first', severity: 'info' })
    await pass(0)
    for (const title of ['a', 'b', 'c']) accept({ title, severity: 'critical' })
    await pass(100)
    expect(lane.health()).toMatchObject({ dropped: 2, waiting: 2 })
    channel.sent.length = 0
    channel.answer = () => ({ kind: 'delivered' })
    await pass(100)
    expect(titles()).toEqual(['b', 'c'])
    expect(channel.sent[0]!.dropped).toBe(2)
  })

  it('gives up what is refused at once and goes on with the next', async () => {
    const { channel, accept, pass, lane, lines } = setUp()
    channel.answer = (sent) => (sent.alert.title === 'bad' ? { kind: 'refused', reason: 'status 400: no' } : { kind: 'delivered' })
    accept({ title: 'bad' })
    accept({ title: 'good' })
    await pass(10)
    expect(lane.health()).toMatchObject({ refused: 1, delivered: 1, state: 'idle' })
    expect(lines).toEqual([expect.stringContaining('error hand refuses an alert, it is not sent again')])
  })

  it('takes a channel that throws for one that is not well', async () => {
    const { channel, accept, pass, lane } = setUp()
    channel.answer = () => Promise.reject(new Error('bug'))
    accept()
    await pass(10)
    expect(lane.health()).toMatchObject({ failures: 1, lastError: 'Error: bug', waiting: 1 })
  })

  it('sends at its end what is kept back and waits, within its time, and nothing after', async () => {
    const { channel, accept, pass, lane, lines, titles } = setUp({ key: { burst: 1, everyMs: 1e9, quietMs: 1e9, keysMax: 10 } })
    accept({ key: 'same', title: 'a' })
    accept({ key: 'same', title: 'b' })
    await pass(10)
    const closed = lane.close(2000)
    await pass(10)
    await closed
    expect(titles()).toEqual(['a', 'b'])
    accept({ title: 'c' })
    await pass(1e6)
    expect(titles()).toEqual(['a', 'b'])
    expect([channel.isClosed, lines]).toEqual([true, []])

    const stuck = setUp()
    stuck.channel.answer = () => new Promise(() => {})
    stuck.accept()
    stuck.accept()
    await stuck.pass(10)
    let isDone = false
    const end = stuck.lane.close(2000).then(() => void (isDone = true))
    await stuck.pass(1999)
    expect(isDone).toBe(false)
    await stuck.pass(2)
    await end
    expect(stuck.lines).toEqual([expect.stringContaining('2 alerts did not leave by hand before the end')])
  })

  it('accounts for every alert, whatever comes and whatever the other side answers', async () => {
    const answers = fc.array(fc.constantFrom<Delivery>({ kind: 'delivered' }, later(), later(500), { kind: 'refused', reason: 'no' }), { minLength: 1, maxLength: 30 })
    const steps = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), severity: fc.constantFrom(...ALERT_SEVERITIES), waitMs: fc.integer({ min: 0, max: 3000 }) }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(steps, answers, fc.integer({ min: 1, max: 4 }), async (plan, replies, queueMax) => {
        const { channel, lane, accept, pass } = setUp({ queueMax, burst: 2, everyMs: 300, backoffMs: 200, backoffMaxMs: 1000, giveUpMs: 3000, key: { burst: 1, everyMs: 2000, quietMs: 500, keysMax: 3 } }, 'warning')
        let asked = 0
        channel.answer = () => replies[asked++ % replies.length]!
        for (const { key, severity, waitMs } of plan) {
          accept({ key, severity })
          await pass(waitMs)
          const { waiting } = lane.health()
          expect(waiting).toBeLessThanOrEqual(queueMax + 1)
        }
        channel.answer = () => ({ kind: 'delivered' })
        await pass(60_000)
        const { delivered, stoodFor, refused, dropped, belowSeverity, waiting, keptBack } = lane.health()
        expect({ waiting, keptBack, all: delivered + stoodFor + refused + dropped + belowSeverity }).toEqual({ waiting: 0, keptBack: 0, all: plan.length })
      }),
      { numRuns: 60 },
    )
  })
})

describe('notifier', () => {
  it('hands an alert to every channel within bounds and without secrets; one that hangs holds up no other', async () => {
    const time = new VirtualTime(0)
    const { log } = written()
    const hung = new HandChannel()
    hung.answer = () => new Promise(() => {})
    const well = new HandChannel()
    const notifier = new Notifier([{ channel: hung, minSeverity: 'info' }, { channel: well, minSeverity: 'warning' }], limits(), { clock: time, timers: time, log, random: new Random(1), hide: redactor(['hunter2-hunter2']) })
    notifier.alert(raised({ key: 'a hunter2-hunter2', title: `hunter2-hunter2\n${'t'.repeat(500)}`, text: `x hunter2-hunter2 ${'y'.repeat(5000)}`, values: { password: 'hunter2-hunter2', n: 3, ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`v${i}`, i])) } }))
    for (let i = 0; i < 5; i++) notifier.alert(raised({ key: `k${i}`, severity: 'critical' }))
    await settled()
    expect([hung.sent.length, well.sent.length]).toEqual([1, 6])
    const { alert } = well.sent[0]!.notice
    expect(JSON.stringify(well.sent)).not.toContain('hunter2')
    expect([alert.key, alert.title.length, alert.text.length, Object.keys(alert.values!).length, alert.values!['n'], alert.title.includes('\n')]).toEqual(['a ***', 200, 2000, 20, 3, false])
    expect(new Set(well.sent.map((one) => one.notice.id)).size).toBe(6)
    expect(notifier.channels().map(({ state }) => state)).toEqual(['sending', 'idle'])
  })
})
