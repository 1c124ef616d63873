import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { actions } from '../../workers/actions.ts'
import { EngineProcess } from './engine-process.ts'

const SET = ['trading_pairs=BTCUSDT']
const CONFIG = ['--config', join(import.meta.dirname, '../../config')]
const free = (health: HealthSnapshot): boolean => health.ready && !health.kill.engaged && health.kill.dayLoss !== null
const confirmed = (health: HealthSnapshot): boolean => health.kill.engaged && health.kill.since !== null

describe('kill switch of a running engine (EX-2)', () => {
  const folders: string[] = []
  const engines: EngineProcess[] = []
  afterEach(() => {
    for (const engine of engines.splice(0)) engine.cleanUp()
    for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })
  const folder = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-kill-'))
    folders.push(dir)
    return dir
  }
  const start = async (dir: string): Promise<EngineProcess> => {
    const engine = await EngineProcess.start({ dir, set: SET })
    engines.push(engine)
    return engine
  }
  const cli = async (...argv: string[]): Promise<{ readonly code: number; readonly text: string }> => {
    let text = ''
    const write = (more: string): void => void (text += more)
    return { code: await runCli(argv, actions, { out: write, err: write, env: {}, terminal: false, envFile: null }, '0'), text }
  }

  it('by HTTP, by signal and by file; over kill -9 of everything; released by command line only when the file is gone', async () => {
    const dir = folder()
    const target = (engine: EngineProcess): string[] => ['--url', engine.url(''), ...CONFIG, '--set', `data_dir=${join(dir, 'data')}`]
    const first = await start(dir)
    await first.until('the engine trades', free)
    const response = await fetch(first.url('/kill?why=by%20http'), { method: 'POST', headers: { authorization: `Bearer ${first.token}` } })
    expect(response.status).toBe(202)
    expect(JSON.parse(readFileSync(join(dir, 'data', 'kill-switch.json'), 'utf8'))).toMatchObject({ engaged: true, reason: 'by http' })
    const engaged = await first.until('the engine has confirmed it', confirmed)
    expect(engaged).toMatchObject({ ready: true, kill: { by: 'api', code: 'manual', reason: 'by http' } })
    expect(engaged.reasons.join()).not.toMatch(/kill/i)
    expect(await (await fetch(first.url('/metrics'))).text()).toContain('ringmaster_kill_switch_engaged{code="manual"} 1')
    await first.kill()

    const second = await start(dir)
    await second.until('the next engine begins engaged', (health) => health.ready && confirmed(health))
    expect((await cli('status', ...target(second))).text).toContain('KILL SWITCH ENGAGED (manual) by api since')
    expect(await cli('release', '--why', 'looked into it', ...target(second))).toMatchObject({ code: 0 })
    await second.until('it is released', free)

    process.kill(second.pid, 'SIGUSR2')
    const signalled = await second.until('the signal engaged it', confirmed)
    expect(signalled.kill).toMatchObject({ by: 'signal', reason: 'SIGUSR2 received' })
    expect(await cli('release', '--why', 'it was a test', ...target(second))).toMatchObject({ code: 0 })
    await second.until('it is released again', free)

    writeFileSync(join(dir, 'data', 'KILL'), 'smoke from the machine\n')
    const touched = await second.until('the file engaged it', confirmed)
    expect(touched.kill).toMatchObject({ by: 'file', reason: expect.stringContaining('smoke from the machine') as string })
    const refused = await cli('release', '--why', 'too early', ...target(second))
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('remove it first') as string })
    rmSync(join(dir, 'data', 'KILL'))
    expect(await cli('release', '--why', 'the fire is out', ...target(second))).toMatchObject({ code: 0 })
    await second.until('it trades again', free)
    expect(await second.stop()).toBe(0)

    expect((await cli('kill', '--why', 'nobody is there', ...target(second))).text).toContain('the next start begins engaged')
    const third = await start(dir)
    const cold = await third.until('it begins engaged', confirmed)
    expect(cold.kill).toMatchObject({ by: 'cli', reason: 'nobody is there' })
    const journal: string[] = []
    await actions.journalCat(join(dir, 'data', 'journal', 'trading.journal'), { from: 0, limit: 10_000, json: false }, (line) => void journal.push(line))
    expect(journal.filter((line) => line.includes('kill-engaged'))).toHaveLength(4)
    expect(journal.filter((line) => line.includes('kill-released'))).toHaveLength(3)
  }, 240_000)

  it('while the execution thread hangs: the order is kept, and the next life begins engaged', async () => {
    const engine = await start(folder())
    await engine.until('the engine trades', free)
    engine.plant('execution', 'loop')
    await fetch(engine.url('/kill?why=it%20hangs'), { method: 'POST', headers: { authorization: `Bearer ${engine.token}` } })
    const health = await engine.until('the new life has confirmed it', (seen) => seen.ready && confirmed(seen) && seen.actors.some((actor) => actor.kind === 'execution' && actor.restarts > 0))
    expect(health.kill).toMatchObject({ by: 'api', reason: 'it hangs' })
  }, 120_000)
})
