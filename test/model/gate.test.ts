import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { SystemTimers, VirtualTime } from '../../src/core/index.ts'
import { ModelGate } from '../../src/model/index.ts'

const flush = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('model gate', () => {
  it('lets no call in once it is closed, until it is reopened', async () => {
    const gate = new ModelGate(ModelGate.buffer(1))
    expect(await gate.close(1000, new SystemTimers())).toBe(true)
    expect(gate.closed).toBe(true)
    expect(gate.enter()).toBe(false)
    gate.reopen()
    expect(gate.enter()).toBe(true)
    gate.leave()
  })

  it('does not say that terminating is safe before the last call in flight has left', async () => {
    const gate = new ModelGate(ModelGate.buffer(1))
    expect(gate.enter()).toBe(true)
    expect(gate.enter()).toBe(true)
    let safe: boolean | null = null
    const closing = gate.close(60_000, new SystemTimers()).then((answer) => (safe = answer))
    gate.leave()
    await flush()
    expect(safe).toBe(null)
    expect(gate.runs).toBe(1)
    gate.leave()
    expect(await closing).toBe(true)
    expect(gate.closed).toBe(true)
  })

  it('starts no new call while somebody waits to close it', () => {
    const gate = new ModelGate(ModelGate.buffer(1))
    gate.enter()
    void gate.close(60_000, new VirtualTime(0))
    expect(gate.enter()).toBe(false)
    expect(gate.runs).toBe(1)
    gate.leave()
  })

  it('answers false when a call outlives the time-out, and still starts nothing after it ends', async () => {
    const time = new VirtualTime(0)
    const gate = new ModelGate(ModelGate.buffer(1))
    gate.enter()
    const closing = gate.close(50, time)
    time.runUntil(50e6)
    expect(await closing).toBe(false)
    gate.leave()
    expect(gate.enter()).toBe(false)
    expect(await gate.close(50, time)).toBe(true)
  })

  it('answers true when the call ended at the last moment without a wake', async () => {
    const time = new VirtualTime(0)
    const buffer = ModelGate.buffer(1)
    const gate = new ModelGate(buffer)
    gate.enter()
    const closing = gate.close(50, time)
    // A leave whose notification is lost: the count alone goes back.
    Atomics.store(new Int32Array(buffer), 1, 0)
    time.runUntil(50e6)
    expect(await closing).toBe(true)
    expect(time.pending).toBe(0)
  })

  it('keeps the gates of two threads apart', async () => {
    const buffer = ModelGate.buffer(2)
    const [first, second] = [new ModelGate(buffer, 0), new ModelGate(buffer, 1)]
    first.enter()
    expect(await second.close(10, new VirtualTime(0))).toBe(true)
    expect(first.runs).toBe(1)
    expect(first.closed).toBe(false)
  })

  it('refuses a leave without an enter and keeps its count', () => {
    const gate = new ModelGate(ModelGate.buffer(1))
    expect(() => gate.leave()).toThrow(expect.objectContaining({ code: 'RM_ASSERT' }))
    expect(gate.enter()).toBe(true)
    expect(gate.runs).toBe(1)
  })

  it('refuses an index outside its buffer', () => {
    expect(() => new ModelGate(ModelGate.buffer(1), 1)).toThrow(expect.objectContaining({ code: 'RM_ASSERT' }))
  })

  it('survives 64 terminations of a worker that runs a model back to back', { timeout: 120_000 }, async () => {
    const child = spawn(process.execPath, [new URL('./gate-child.ts', import.meta.url).pathname, '64', 'gated'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const limit = setTimeout(() => child.kill('SIGKILL'), 110_000)
    const end = await new Promise<{ code: number | null; signal: string | null }>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    clearTimeout(limit)
    expect(end, err).toEqual({ code: 0, signal: null })
    const seen = JSON.parse(out) as { terminated: number; refused: number; runs: number }
    expect(seen).toMatchObject({ terminated: 64, refused: 0 })
    expect(seen.runs).toBeGreaterThan(64 / 2)
  })
})
