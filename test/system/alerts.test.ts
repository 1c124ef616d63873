import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Loopback } from '../alerts/support.ts'
import { EngineProcess } from './engine-process.ts'

const TOKEN = '123456:AAabcdefghijklmnopqrstuvwxyz012345'
const HOOK = 'hook-that-nobody-may-know'

interface Posted {
  readonly key: string
  readonly severity: string
  readonly resolved: boolean
  readonly detail: string
  readonly text: string
}

let hook: Loopback
let telegram: Loopback
let engine: EngineProcess
beforeAll(async () => {
  hook = await Loopback.open()
  telegram = await Loopback.open()
  // One channel hangs from the first message on: nothing else may notice.
  telegram.answer = 'hang'
  engine = await EngineProcess.start({
    set: ['alerts.timeout_ms=500', 'alerts.backoff.initial_ms=50', 'alerts.per_channel.burst=100'],
    env: { RINGMASTER_ALERTS_WEBHOOK_URL: `${hook.url}/${HOOK}`, RINGMASTER_ALERTS_TELEGRAM_TOKEN: TOKEN, RINGMASTER_ALERTS_TELEGRAM_CHAT_ID: '7', RINGMASTER_ALERTS_TELEGRAM_API_URL: telegram.url },
  })
}, 90_000)
afterAll(async () => {
  await engine?.stop()
  engine?.cleanUp()
  await hook.close()
  await telegram.close()
})

const posted = (): Posted[] => hook.asked.map(({ body }) => body as Posted)
async function until(key: string, resolved = false): Promise<Posted> {
  return (await engine.until(`alert ${key}${resolved ? ' over' : ''}; there were ${posted().map((one) => one.key).join(', ')}`, () => posted().some((one) => one.key === key && one.resolved === resolved)), posted().find((one) => one.key === key && one.resolved === resolved)!)
}

describe('alerts of a whole engine (SG-16)', () => {
  it('reach the webhook while another channel hangs: kill switch, its end, the death of the engine process', async () => {
    await engine.until('ready', (health) => health.ready)
    const ask = (path: string): Promise<Response> => fetch(engine.url(path), { method: 'POST', headers: { authorization: `Bearer ${engine.token}` } })
    await ask('/kill?why=looks%20wrong')
    expect(await until('kill')).toMatchObject({ severity: 'critical', detail: expect.stringContaining('manual by api: looks wrong') as string })
    await engine.until('confirmed', (health) => health.kill.since !== null)
    expect((await ask('/release?why=found%20it')).status).toBe(200)
    await until('kill', true)
    const { processes } = await engine.health()
    process.kill(processes.find((one) => one.name === 'engine')!.pid!, 'SIGKILL')
    expect(await until('process:engine')).toMatchObject({ severity: 'critical', detail: expect.stringContaining('SIGKILL') as string })
    await engine.until('ready again', (health) => health.ready)
  }, 120_000)

  it('shows channels in health and metrics, and no secret in any log line, answer or message', async () => {
    const health = await engine.until('the hanging channel has failed', ({ alerts }) => alerts!.channels.some((one) => one.name === 'telegram' && one.failures > 0))
    expect(health.alerts!.channels.map(({ name, state }) => [name, name === 'telegram' ? 'failing' : state])).toEqual([['log', 'idle'], ['webhook', 'idle'], ['telegram', 'failing']])
    expect(health.alerts!.channels[2]).toMatchObject({ delivered: 0, lastError: 'no whole answer within 500 ms' })
    const metrics = await (await fetch(engine.url('/metrics'))).text()
    expect(metrics).toMatch(/ringmaster_alerts_total\{channel="webhook",outcome="delivered"\} [3-9]/)
    expect(metrics).toMatch(/ringmaster_alert_channel_failures\{channel="telegram"\} [1-9]/)
    const logs = join(engine.dir, 'logs')
    const everything = [engine.output, JSON.stringify(health), metrics, ...readdirSync(logs).map((file) => readFileSync(join(logs, file), 'utf8')), JSON.stringify(posted())].join('\n')
    expect(everything).toContain('alert: The kill switch is engaged')
    for (const secret of [TOKEN, HOOK, engine.token]) expect(everything).not.toContain(secret)
  }, 60_000)

  it('do not hold up the end for longer than their two seconds', async () => {
    const startMs = performance.now()
    expect(await engine.stop()).toBe(0)
    expect(engine.output).toContain('alerts did not leave by telegram before the end')
    expect(performance.now() - startMs).toBeLessThan(60_000)
  }, 90_000)
})
