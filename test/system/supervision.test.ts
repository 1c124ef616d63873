import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { SystemClock } from '../../src/core/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { ModelRegistry } from '../../src/model/index.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { verifyJournal } from '../../src/trading/index.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { distinctModel, draftFor, linearOnnx } from '../model/onnx-fixture.ts'
import { EngineProcess } from './engine-process.ts'
import { journalOf } from './ledger-check.ts'

const ONE_PAIR = ['trading_pairs=BTCUSDT']
const ready = (health: HealthSnapshot): boolean => health.ready && health.actors.length > 0 && health.actors.every((one) => one.state === 'ready')
const pidOf = (health: HealthSnapshot, name: string): number => health.processes.find((one) => one.name === name)!.pid!

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 30_000
  while (pids.some(alive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(pids.filter(alive)).toEqual([])
}

/** Holds a port of this machine while the callback runs. */
async function holdingPort(run: (port: number) => Promise<void>): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    await run((server.address() as { port: number }).port)
  } finally {
    server.close()
  }
}

describe('supervision of processes', () => {
  const folders: string[] = []
  const engines: EngineProcess[] = []
  const folder = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-supervision-'))
    folders.push(dir)
    return dir
  }
  const start = async (options: Parameters<typeof EngineProcess.start>[0]): Promise<EngineProcess> => {
    const engine = await EngineProcess.start(options)
    engines.push(engine)
    return engine
  }

  afterEach(() => {
    for (const engine of engines.splice(0)) engine.cleanUp()
    for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })

  it('leaves no process behind when the root supervisor is killed, and the next start goes on from the journal', async () => {
    const dir = folder()
    const first = await start({ dir, set: ONE_PAIR })
    const health = await first.until('the engine is ready', ready)
    await first.kill()
    await untilGone([pidOf(health, 'engine'), pidOf(health, 'exchange')])

    const second = await start({ dir, set: ONE_PAIR })
    await second.until('the second engine is ready', ready)
    expect(await second.stop()).toBe(0)
    const report = verifyJournal(journalOf(dir))
    expect(report).toMatchObject({ firstError: null, epochs: 2 })
  }, 120_000)

  it('ends an engine process whose main thread hangs, and answers health all the while', async () => {
    const engine = await start({ set: ONE_PAIR })
    const before = await engine.until('the engine is ready', ready)
    engine.plant('', 'hang-main')
    const down = await engine.until('health says that it is down', (health) => health.status === 'down')
    expect(down.reasons.join()).toContain('silent')
    const after = await engine.until('a new engine is ready', (health) => ready(health) && pidOf(health, 'engine') !== pidOf(before, 'engine'))
    expect(after.processes.find((one) => one.name === 'engine')!.lastError).toContain('RM_PROCESS_SILENT')
    expect(pidOf(after, 'exchange')).toBe(pidOf(before, 'exchange'))
  }, 120_000)

  it.each(['health.port', 'exchange.bybit_port'])('says which setting to change when the port of %s is taken, and starts nothing', async (setting) => {
    await holdingPort(async (port) => {
      await expect(start({ set: [...ONE_PAIR, `${setting}=${port}`] })).rejects.toThrow(new RegExp(`ended with 98[^]*RM_PORT_TAKEN[^]*${port}[^]*${setting.replace('.', '\\.')}`))
    })
  }, 60_000)

  it('lets a registered model decide, also after its thread was replaced in the middle of model runs', async () => {
    const dir = folder()
    const registry = new ModelRegistry(join(dir, 'models'), new SystemClock(process.hrtime.bigint()))
    const names = featureNames()
    await registry.register('v1', linearOnnx(distinctModel(4, names.length)), draftFor(names, 4))
    await registry.activate('v1', names, { who: 'test', why: 'a model to run' })
    const engine = await start({ dir, set: [...ONE_PAIR, `model.dir=${join(dir, 'models')}`] })
    const runs = (health: HealthSnapshot): number => health.latencyNs['model_run']?.count ?? 0
    const inference = (health: HealthSnapshot) => health.actors.find((one) => one.kind === 'inference')!
    const before = await engine.until('the model runs', (health) => ready(health) && runs(health) > 3)
    expect(inference(before).note).toContain('v1')
    // Another model takes over while the engine runs.
    await registry.register('v2', linearOnnx(distinctModel(4, names.length)), draftFor(names, 4))
    await registry.activate('v2', names, { who: 'test', why: 'another one' })
    const swapped = await engine.until('the other model runs', (health) => ready(health) && inference(health).note.includes('v2') && health.models?.active === 'v2')
    expect(swapped.models).toMatchObject({ error: null, failures: 0 })
    expect(inference(swapped).restarts).toBe(inference(before).restarts)
    engine.plant('inference:BTCUSDT', 'loop')
    const after = await engine.until('the model runs again in a new thread', (health) => ready(health) && inference(health).restarts > inference(before).restarts && runs(health) > runs(before) + 3)
    expect(pidOf(after, 'engine')).toBe(pidOf(before, 'engine'))
    expect(inference(after).note).toContain('v2')
  }, 120_000)
})
