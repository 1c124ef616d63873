import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ConfigError, loadConfig, type LoadOptions, renderConfig, renderSources } from '../../src/config/index.ts'
import { runCli } from '../../src/cli/index.ts'
import { SystemTimers, VirtualTime } from '../../src/core/index.ts'
import { alertChannels, alertSecrets, laneLimits } from '../../workers/alert-settings.ts'
import type { AlertLine } from '../../src/api/index.ts'
import { AlertDesk } from '../../workers/alert-desk.ts'
import { GatewayChannel } from '../../workers/gateway-channel.ts'
import { actions } from '../../workers/actions.ts'
import { snapshot } from '../health/fixture.ts'
import { Loopback, raised, written } from './support.ts'

const SHIPPED = join(import.meta.dirname, '../../config')
const TOKEN = '123456:AAabcdefghijklmnopqrstuvwxyz012345'
const URL_ENV = 'RINGMASTER_ALERTS_WEBHOOK_URL'
const TELEGRAM_ENV = 'RINGMASTER_ALERTS_TELEGRAM_TOKEN'
const load = (options: Partial<LoadOptions> = {}) => loadConfig({ dir: SHIPPED, env: {}, envFile: null, ...options })

function problems(options: Partial<LoadOptions>): string[] {
  try {
    load(options)
    return []
  } catch (error) {
    return (error as ConfigError).problems.map(({ path, value, allowed }) => `${path} ${value}: ${allowed}`)
  }
}

let root = ''
let server: Loopback
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ringmaster-alerts-'))
  server = await Loopback.open()
})
afterAll(async () => {
  rmSync(root, { recursive: true })
  await server.close()
})
beforeEach(() => {
  server.asked.length = 0
  server.answer = { status: 200, body: '{"ok":true}' }
})

describe('settings of alerts', () => {
  it('have the log alone as they are shipped, the others once their secrets are there', () => {
    const parts = { log: written().log, timers: new SystemTimers(), wallMs: () => 0, secrets: [] }
    expect(alertChannels(load().config, parts).map(({ channel, minSeverity }) => [channel.name, minSeverity])).toEqual([['log', 'info']])
    const { config } = load({ env: { [URL_ENV]: 'https://example.org/hook', [TELEGRAM_ENV]: TOKEN, RINGMASTER_ALERTS_TELEGRAM_CHAT_ID: '-100123', RINGMASTER_ALERTS_TELEGRAM_MIN_SEVERITY: 'critical' } })
    expect(alertChannels(config, parts).map(({ channel, minSeverity }) => [channel.name, minSeverity])).toEqual([['log', 'info'], ['webhook', 'warning'], ['telegram', 'critical']])
    expect(laneLimits(config)).toEqual({ key: { burst: 2, everyMs: 300_000, quietMs: 60_000, keysMax: 1000 }, burst: 10, everyMs: 3000, queueMax: 200, backoffMs: 1000, backoffMaxMs: 60_000, giveUpMs: 3_600_000 })
  })

  it('take secrets from the environment and .env only', () => {
    const env = join(root, 'env')
    writeFileSync(env, `${URL_ENV}=https://example.org/hook\n`)
    expect(problems({ envFile: env })).toEqual([])
    const dir = join(root, 'config')
    mkdirSync(dir)
    writeFileSync(join(dir, 'local.yaml'), `alerts: { webhook: { url: 'https://example.org/hook', token: abcdefgh }, telegram: { token: '${TOKEN}', chat_id: '1' } }\n`)
    writeFileSync(join(dir, 'default.yaml'), 'exit: { by_regime: { trending: { tp_percent: 1, sl_percent: 1 }, ranging: { tp_percent: 1, sl_percent: 1 }, choppy: { tp_percent: 1, sl_percent: 1 } } }\norder_executor: { limit_order: { default_offset_percent: 0.05 } }\n')
    expect(problems({ dir })).toEqual(['webhook_url', 'webhook_token', 'telegram_token'].map((name) => `alerts.${name.replace('_', '.')} stands where it may be read by others: only the environment or .env: RINGMASTER_ALERTS_${name.toUpperCase()}`))
    expect(problems({ overrides: [{ path: 'alerts.webhook.url', value: 'https://example.org/hook', from: '--set alerts.webhook.url' }] })).toEqual([expect.stringContaining('alerts.webhook.url stands where')])
  })

  it('say what is missing or wrong, without the secret', () => {
    expect(problems({ env: { [TELEGRAM_ENV]: TOKEN } })).toEqual(['alerts.telegram.chat_id is off, while alerts.telegram.token is set: both, or neither'])
    expect(problems({ env: { RINGMASTER_ALERTS_TELEGRAM_CHAT_ID: '5' } })).toEqual(['alerts.telegram.token is off, while alerts.telegram.chat_id is set: both, or neither'])
    expect(problems({ env: { RINGMASTER_ALERTS_WEBHOOK_TOKEN: 'abcdefgh' } })).toEqual(['alerts.webhook.url is off, while there is a token for it: both, or neither'])
    expect(problems({ env: { RINGMASTER_ALERTS_BACKOFF_INITIAL_MS: '5000', RINGMASTER_ALERTS_BACKOFF_MAX_MS: '100' } })).toEqual(['alerts.backoff.initial_ms found 5000: at most alerts.backoff.max_ms, which is 100'])
    for (const [name, wrong] of [[URL_ENV, 'ftp://example.org/secret-part'], [URL_ENV, 'https://user:secret-part@example.org'], [TELEGRAM_ENV, 'secret-part'], ['RINGMASTER_ALERTS_WEBHOOK_TOKEN', 'secret part']] as const) {
      const found = problems({ env: { [name]: wrong } })
      expect(found.length).toBeGreaterThan(0)
      expect(found.join()).not.toContain('secret')
    }
    for (const [name, wrong] of [['RINGMASTER_ALERTS_TELEGRAM_API_URL', 'https://api.telegram.org/'], ['RINGMASTER_ALERTS_TELEGRAM_CHAT_ID', 'me'], ['RINGMASTER_ALERTS_LOG_MIN_SEVERITY', 'loud'], ['RINGMASTER_ALERTS_QUEUE_MAX', '0']] as const) expect(problems({ env: { [name]: wrong } })).toHaveLength(1)
  })

  it('show no secret: printed, by source, or as what has to be masked', () => {
    const loaded = load({ env: { [URL_ENV]: 'https://example.org/services/T0123456789/abcdefghijklmnop?key=qrstuvwxyz012345', [TELEGRAM_ENV]: TOKEN, RINGMASTER_ALERTS_TELEGRAM_CHAT_ID: '5' } })
    const shown = renderConfig(loaded.config) + renderSources(loaded.config, loaded.sources)
    for (const secret of ['T0123456789', TOKEN, 'qrstuvwxyz']) expect(shown).not.toContain(secret)
    expect(renderConfig(loaded.config)).toContain('url: "***"')
    expect(renderConfig(load().config)).toContain('url: off')
    expect(alertSecrets(loaded.config)).toEqual(expect.arrayContaining([TOKEN, loaded.config.alerts.webhook.url, 'abcdefghijklmnop', 'qrstuvwxyz012345']))
  })
})

describe('ringmaster alerts test', () => {
  async function alertsTest(env: Record<string, string>, ...args: string[]): Promise<{ code: number; text: string }> {
    let text = ''
    const take = (more: string): void => void (text += more)
    const code = await runCli(['alerts', 'test', '--config', SHIPPED, ...args], actions, { out: take, err: take, env, terminal: false, envFile: null }, '1.2.3')
    return { code, text }
  }
  const both = (): Record<string, string> => ({ [URL_ENV]: `${server.url}/hook-of-mine-1`, [TELEGRAM_ENV]: TOKEN, RINGMASTER_ALERTS_TELEGRAM_CHAT_ID: '5', RINGMASTER_ALERTS_TELEGRAM_API_URL: server.url })

  it('sends an alert by every channel and says that each took it', async () => {
    const { code, text } = await alertsTest(both())
    expect(code).toBe(0)
    for (const name of ['log', 'webhook', 'telegram']) expect(text).toMatch(new RegExp(`^${name} +delivered in \\d+ ms; told from (info|warning) on$`, 'm'))
    expect(server.asked.map(({ url }) => url).toSorted()).toEqual([`/bot${TOKEN}/sendMessage`, '/hook-of-mine-1'])
    expect(server.asked.every(({ body }) => (body as { text: string }).text.startsWith('INFO: This is a test\n'))).toBe(true)
  })

  it('says what came back of one that did not take it, ends with 1, and shows no secret', async () => {
    server.answer = ({ url }) => (url.startsWith('/bot') ? { status: 401, body: `{"ok":false,"description":"Unauthorized ${TOKEN}"}` } : 'hang')
    const { code, text } = await alertsTest({ ...both(), RINGMASTER_ALERTS_TIMEOUT_MS: '150' })
    expect(code).toBe(1)
    expect(text).toMatch(/^webhook +not reached in \d+ ms: no whole answer within 150 ms$/m)
    expect(text).toMatch(/^telegram +refused in \d+ ms: status 401: Unauthorized \*\*\*$/m)
    expect(text).not.toContain(TOKEN)
    const json = await alertsTest({ ...both(), RINGMASTER_ALERTS_TIMEOUT_MS: '150' }, '--json')
    expect(json.text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { channel: string; kind: string })).map(({ channel, kind }) => [channel, kind])).toEqual([['log', 'delivered'], ['webhook', 'later'], ['telegram', 'refused']])
  })

  it('says when nothing but the log is set up', async () => {
    const { code, text } = await alertsTest({}, '--set', 'alerts.enabled=false')
    expect(code).toBe(0)
    expect(text).toContain('nothing but the log is set up')
    expect(text).toContain('alerts.enabled is false')
  })
})

describe('desk of the root supervisor', () => {
  it('looks once a second, tells by every channel, and shows in health what it told and what stands', async () => {
    const { config } = load()
    const time = new VirtualTime(Date.UTC(2026, 2, 4, 12))
    const { log, lines } = written()
    const shown: AlertLine[] = []
    let now = snapshot({ symbols: [] })
    const desk = new AlertDesk(config, { clock: time, timers: time, log, seed: 1, snapshot: () => now, secrets: ['token-of-health'], beside: new GatewayChannel((line) => void shown.push(line)) })
    desk.start()
    time.runUntil(5e9)
    expect(lines).toEqual([])
    now = snapshot({ symbols: [], kill: { ...now.kill, engaged: true, code: 'manual', by: 'api', reason: 'token-of-health' } })
    time.runUntil(10e9)
    desk.onCounts([{ actor: 'inference:BTCUSDT', name: 'strategy_failures', label: 'momentum_slow', by: 1 }])
    desk.alert(raised({ severity: 'critical', title: 'by hand' }))
    await Promise.resolve()
    await desk.stop(0)
    expect(lines.map((line) => line.split(' {')[0])).toEqual(['error alert: The kill switch is engaged: no entries: manual by api: ***', 'error alert: by hand: text', 'warn alert: Strategy momentum is left out of the vote: inference:BTCUSDT: slow'])
    expect(desk.health()).toMatchObject({ channels: [{ name: 'log', delivered: 3 }, { name: 'dashboard', delivered: 3 }], standing: [{ key: 'kill', subjects: ['manual'] }] })
    expect(shown.map(({ severity, source, title, text, resolved }) => [severity, source, title, text, resolved])).toEqual([
      ['critical', 'kill', 'The kill switch is engaged: no entries', 'manual by api: ***', false],
      ['critical', 'k', 'by hand', 'text', false],
      ['warning', 'strategy:momentum', 'Strategy momentum is left out of the vote', 'inference:BTCUSDT: slow', false],
    ])
    now = snapshot({ symbols: [] })
    time.runUntil(60e9)
    expect(lines).toHaveLength(3)
  })
})
