import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parseClientId } from '../../src/trading/index.ts'
import { Guard, type GuardDesk, type GuardedOrder, type GuardedPosition, type GuardEnd, GuardJournal, type GuardSettings, type Pulse, PulseWriter, readPulse, unreportedLines } from '../../src/watchdog/index.ts'

const SETTINGS: GuardSettings = { run: 'r1', account: 'main', silentMs: 10_000, startMs: 10_000, flatten: false, lookMs: 250, settleMs: 7000, giveUpMs: 60_000, retryMs: 500, retryMsMax: 5000 }

/** A venue that does what it is asked, or not, and time that passes when somebody sleeps. */
class Scene {
  nowMs = 0
  pulse: Pulse | null = { run: 'r1', pid: 1, counter: 1, state: 'running' }
  supervised = true
  dismissed = false
  reachable = true
  entries: GuardedOrder[] = [{ symbol: 'BTCUSDT', clientId: 'rmmainE1D0S1A0', venueId: 'a' }]
  held: GuardedPosition[] = [{ symbol: 'BTCUSDT', side: 'long', size: '0.5', stops: 1 }]
  readonly closed: string[] = []
  readonly lines: string[] = []
  /** What happens at a time. */
  readonly plan: { readonly atMs: number; readonly run: () => void }[] = []
  calls = 0

  readonly desk: GuardDesk = {
    sync: () => this.#answer(undefined),
    entries: () => this.#answer([...this.entries]),
    cancel: (order) => this.#answer(undefined, () => void (this.entries = this.entries.filter((one) => one.venueId !== order.venueId))),
    positions: () => this.#answer([...this.held]),
    close: (position, clientId) =>
      this.#answer(undefined, () => {
        this.closed.push(clientId)
        this.held = this.held.filter((one) => one.symbol !== position.symbol)
      }),
  }

  guard(change: Partial<GuardSettings> = {}): Guard {
    return new Guard(
      { ...SETTINGS, ...change },
      {
        desk: this.desk,
        journal: { write: (event, text) => void this.lines.push(`${event} ${text}`) },
        pulse: () => this.pulse,
        nowMs: () => this.nowMs,
        wallMs: () => 1_700_000_000_000 + this.nowMs,
        sleep: (ms) => this.#sleep(ms),
        supervised: () => this.supervised,
        dismissed: () => this.dismissed,
      },
    )
  }

  at(atMs: number, run: () => void): this {
    this.plan.push({ atMs, run })
    return this
  }

  /** The engine's pulse goes on until then. */
  beatsUntil(untilMs: number, everyMs = 500): this {
    for (let ms = 0; ms <= untilMs; ms += everyMs) this.at(ms, () => void (this.pulse = { run: 'r1', pid: 1, counter: 100 + ms, state: 'running' }))
    return this
  }

  events(): string[] {
    return this.lines.map((line) => line.split(' ')[0]!)
  }

  async #sleep(ms: number): Promise<void> {
    this.nowMs += ms
    if (this.nowMs > 3_600_000) throw new Error(`nothing ended it: ${this.lines.join('; ')}`)
    for (const step of this.plan.splice(0)) {
      if (step.atMs > this.nowMs) this.plan.push(step)
      else step.run()
    }
  }

  #answer<T>(value: T, effect: () => void = () => {}): Promise<T> {
    this.calls++
    if (!this.reachable) return Promise.reject(new Error('ECONNREFUSED'))
    effect()
    return Promise.resolve(value)
  }
}

const run = (scene: Scene, change: Partial<GuardSettings> = {}): Promise<GuardEnd> => scene.guard(change).run()

describe('the watchdog', () => {
  it('asks the venue nothing while the pulse goes on, and ends when the engine has declared its stop', async () => {
    const scene = new Scene().beatsUntil(60_000).at(61_000, () => void (scene.pulse = { run: 'r1', pid: 1, counter: 999_999, state: 'stopped' }))
    expect(await run(scene)).toBe('stopped')
    expect([scene.calls, scene.entries.length]).toEqual([0, 1])
  })

  it('does nothing about an engine that is back within the limit', async () => {
    const scene = new Scene().beatsUntil(20_000)
    for (let ms = 29_000; ms < 40_000; ms += 500) scene.at(ms, () => void (scene.pulse = { run: 'r1', pid: 2, counter: ms, state: 'running' }))
    scene.at(40_000, () => void (scene.pulse = { run: 'r1', pid: 2, counter: 999_999, state: 'stopped' }))
    expect(await run(scene)).toBe('stopped')
    expect(scene.calls).toBe(0)
  })

  it('F13: cancels the entries of an engine that fell silent, within its limit and a look, leaves position and stop, and ends without a supervisor', async () => {
    const scene = new Scene().beatsUntil(5000).at(5001, () => void (scene.supervised = false))
    let goneMs = 0
    const cancel = scene.desk.cancel.bind(scene.desk)
    Object.assign(scene.desk, { cancel: (order: GuardedOrder) => ((goneMs = scene.nowMs), cancel(order)) })
    expect(await run(scene)).toBe('done')
    expect(goneMs).toBeLessThanOrEqual(5000 + SETTINGS.silentMs + 2 * SETTINGS.lookMs)
    expect(scene.held).toHaveLength(1)
    expect(scene.events()).toEqual(['silent', 'cancelled', 'done'])
  })

  it('cancels what arrives after the first look as well', async () => {
    const scene = new Scene().at(14_000, () => void (scene.entries = [{ symbol: 'BTCUSDT', clientId: 'rmmainE1D0S2A0', venueId: 'late' }]))
    scene.supervised = false
    expect(await run(scene)).toBe('done')
    expect(scene.entries).toEqual([])
    expect(scene.events().filter((event) => event === 'cancelled')).toHaveLength(2)
  })

  it('closes positions when told to, under ids that the next engine knows as the watchdog\'s, and never twice the same', async () => {
    const scene = new Scene()
    scene.held = [...scene.held, { symbol: 'ETHUSDT', side: 'short', size: '2', stops: 0 }]
    scene.supervised = false
    expect(await run(scene, { flatten: true })).toBe('done')
    expect(scene.held).toEqual([])
    expect(scene.closed).toHaveLength(2)
    expect(new Set(scene.closed).size).toBe(2)
    for (const id of scene.closed) expect(parseClientId(id)).toMatchObject({ account: 'main', intent: { kind: 'watchdog' } })
  })

  it('says of a position without a stop that it is bare, once, when it may not close it', async () => {
    const scene = new Scene()
    scene.held = [{ symbol: 'BTCUSDT', side: 'long', size: '0.5', stops: 0 }]
    scene.supervised = false
    await run(scene)
    expect(scene.events().filter((event) => event === 'bare')).toHaveLength(1)
    expect(scene.held).toHaveLength(1)
  })

  it('repeats until the venue answers, and stops acting when the engine comes back meanwhile', async () => {
    const scene = new Scene()
    scene.reachable = false
    scene.at(30_000, () => void (scene.pulse = { run: 'r1', pid: 2, counter: 7, state: 'running' }))
    scene.at(30_300, () => void (scene.reachable = true))
    scene.at(38_000, () => void (scene.pulse = { run: 'r1', pid: 2, counter: 8, state: 'stopped' }))
    expect(await run(scene)).toBe('stopped')
    expect(scene.events()).toEqual(['silent', 'failed', 'engine-back'])
    expect(scene.entries).toHaveLength(1)
  })

  it('gives up on a venue that never answers when nobody is left, and never while there is a supervisor', async () => {
    const scene = new Scene()
    scene.reachable = false
    scene.at(300_000, () => void (scene.supervised = false))
    expect(await run(scene)).toBe('gave-up')
    expect(scene.nowMs).toBeGreaterThanOrEqual(300_000)
  })

  it('ends when another run has begun: that has a watchdog of its own', async () => {
    const scene = new Scene().at(4000, () => void (scene.pulse = { run: 'r2', pid: 9, counter: 1, state: 'running' }))
    expect(await run(scene)).toBe('superseded')
    expect(scene.calls).toBe(0)
  })

  it('takes the last word of an earlier run for no sign of its own engine', async () => {
    const scene = new Scene()
    scene.pulse = { run: 'r0', pid: 9, counter: 77, state: 'stopped' }
    scene.supervised = false
    expect(await run(scene)).toBe('done')
    expect(scene.nowMs).toBeGreaterThanOrEqual(SETTINGS.silentMs)
    expect(scene.entries).toEqual([])
  })

  it('gives a start more time than a beat', async () => {
    const scene = new Scene()
    scene.pulse = null
    scene.at(25_000, () => void (scene.pulse = { run: 'r1', pid: 1, counter: 1, state: 'running' }))
    scene.at(34_000, () => void (scene.pulse = { run: 'r1', pid: 1, counter: 2, state: 'stopped' }))
    expect(await run(scene, { startMs: 30_000 })).toBe('stopped')
    expect(scene.calls).toBe(0)
  })

  it('does not take its own sleep for silence of the engine', async () => {
    const scene = new Scene().beatsUntil(5000)
    // The machine was suspended for an hour: pulse and looks stood still alike.
    scene.at(5001, () => void (scene.nowMs += 100_000))
    scene.at(106_000, () => void (scene.pulse = { run: 'r1', pid: 1, counter: 5, state: 'running' }))
    scene.at(110_000, () => void (scene.pulse = { run: 'r1', pid: 1, counter: 6, state: 'stopped' }))
    expect(await run(scene)).toBe('stopped')
    expect(scene.calls).toBe(0)
  })

  it('goes on watching under a supervisor, and acts on the next silence as on the first', async () => {
    const scene = new Scene().beatsUntil(2000)
    scene.at(40_000, () => {
      scene.pulse = { run: 'r1', pid: 2, counter: 1, state: 'running' }
      scene.entries = [{ symbol: 'BTCUSDT', clientId: 'rmmainE2D0S1A0', venueId: 'b' }]
    })
    scene.at(80_000, () => void (scene.dismissed = true))
    expect(await run(scene)).toBe('dismissed')
    expect(scene.events()).toEqual(['silent', 'cancelled', 'done', 'engine-back', 'silent', 'cancelled', 'done'])
  })
})

describe('the files of the watchdog', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-watchdog-'))
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('a pulse is read as it was written last; anything else is none', () => {
    const path = join(dir, 'a', 'engine.pulse')
    expect(readPulse(path)).toBeNull()
    const writer = new PulseWriter(path, 'r1')
    expect(readPulse(path)).toBeNull()
    writer.beat()
    writer.beat()
    expect(readPulse(path)).toEqual({ run: 'r1', pid: process.pid, counter: 2, state: 'running' })
    writer.stopped()
    expect(readPulse(path)).toMatchObject({ counter: 3, state: 'stopped' })
    for (const text of ['', '{', 'null', '[]', '{"run":1}', '{"run":"r","pid":1.5,"counter":1,"state":"running"}', '{"run":"r","pid":1,"counter":1,"state":"odd"}']) {
      writeFileSync(path, text)
      expect(readPulse(path), text).toBeNull()
    }
  })

  it('what was done is told once, torn lines and ordinary ones left out', () => {
    const path = join(dir, 'watchdog.jsonl')
    expect(unreportedLines(path)).toEqual([])
    const journal = new GuardJournal(path, 'r1')
    journal.write('started', 'x')
    journal.write('cancelled', 'one')
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"at":"torn`)
    expect(unreportedLines(path).map((line) => line.text)).toEqual(['one'])
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`)
    journal.write('reported', '1 lines')
    journal.write('gave-up', 'two')
    expect(unreportedLines(path).map((line) => line.text)).toEqual(['two'])
  })
})
