import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { paths } from '../../src/dashboard/client/index.ts'
import { chromiumPath, startBrowser } from '../dashboard/browser.ts'
import { buildPage } from '../dashboard/built.ts'
import { EngineProcess } from './engine-process.ts'

const PASSWORD = 'the password of this test'
const BUILT = join(import.meta.dirname, '../../dist/dashboard/index.html')

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One engine in paper mode with its gateway, and one browser, for all tests. */
describe.skipIf(chromiumPath === null)('dashboard of a running engine (needs Chromium)', () => {
  let engine: EngineProcess
  let browser: Browser
  let page: Page
  let origin: string
  const thrown: string[] = []

  beforeAll(async () => {
    if (!existsSync(BUILT)) buildPage(join(BUILT, '..'))
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    engine = await EngineProcess.start({ set: ['gateway.enabled=true', `gateway.port=${port}`, `gateway.password=${PASSWORD}`, 'gateway.login_attempts=3', 'gateway.lockout_s=1'] })
    await engine.until('engine and gateway are there', (health) => health.ready && engine.gatewayUrl !== '')
    browser = await startBrowser()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => thrown.push(String(error)))
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await engine?.stop()
  }, 60_000)

  const why = (): Promise<void> => page.getByLabel('Why (kept in the audit trail)').fill('test of the dashboard')
  const press = (name: string): Promise<void> => page.getByRole('dialog').last().getByRole('button', { name, exact: true }).click()

  test('the client asks for no route that the OpenAPI document of the gateway does not have', async () => {
    const { paths: told } = (await (await fetch(`${origin}/docs/json`)).json()) as { paths: Record<string, Record<string, unknown>> }
    const routes = new Set(Object.entries(told).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)))
    expect(Object.values(paths).filter((route) => !routes.has(route))).toEqual([])
  })

  test('wrong passwords lock the login for a while, and the right one opens it after that', async () => {
    await page.goto(origin)
    for (let i = 0; i < 4; i++) {
      await page.getByLabel('Password').fill('wrong')
      await page.keyboard.press('Enter')
      await page.locator('[role=alert]').waitFor()
    }
    await page.getByText('sign-in is locked').waitFor()
    await vi.waitFor(async () => {
      await page.getByLabel('Password').fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Overview' }).waitFor({ timeout: 1000 })
    }, { timeout: 20_000, interval: 300 })
  })

  test('prices of the screener move', async () => {
    await page.goto(`${origin}/#/screener`)
    const price = page.getByRole('row', { name: /BTCUSDT/ }).getByRole('cell').nth(1)
    const first = await price.textContent()
    await vi.waitFor(async () => expect(await price.textContent()).not.toBe(first), 15_000)
  })

  test('an actor is restarted and comes back', async () => {
    await page.goto(`${origin}/#/actors`)
    await page.getByRole('button', { name: 'Restart features:BTCUSDT', exact: true }).click()
    await why()
    await press('Restart')
    await page.getByText('features:BTCUSDT runs in a new life.').waitFor()
  })

  test('a strategy is switched off', async () => {
    await page.goto(`${origin}/#/strategies`)
    await page.getByRole('switch', { name: 'Strategy momentum' }).click()
    await why()
    await press('Switch off')
    await vi.waitFor(async () => expect(await page.getByRole('switch', { name: 'Strategy momentum' }).getAttribute('aria-checked')).toBe('false'), 10_000)
  })

  test('the kill switch is engaged and released', async () => {
    await page.getByRole('button', { name: 'Kill switch' }).click()
    await why()
    await press('Stop trading')
    await page.getByRole('button', { name: 'Release' }).click()
    await why()
    await press('Trade again')
    await page.getByRole('button', { name: 'Kill switch' }).waitFor()
    await page.goto(`${origin}/#/`)
    const alerts = page.getByRole('region', { name: 'Alerts, newest first' })
    const told = alerts.getByRole('listitem').filter({ hasText: 'The kill switch is engaged: no entries' })
    for (const tag of ['critical', 'over']) await told.filter({ has: page.getByText(tag, { exact: true }) }).waitFor()
  })

  test('it is live again by itself after the gateway was killed, with the session that it had', async () => {
    const gateway = (await engine.health()).processes.find((one) => one.name === 'gateway')!
    process.kill(gateway.pid!, 'SIGKILL')
    await vi.waitFor(async () => expect(await page.locator('.bar .dot.warn').count()).toBe(1), 10_000)
    await page.getByText('Values are live').waitFor({ state: 'attached', timeout: 40_000 })
  })

  test('every page is drawn without an error', async () => {
    for (const name of ['', 'charts/BTCUSDT', 'orders', 'models', 'chaos', 'settings']) {
      await page.goto(`${origin}/#/${name}`)
      await page.waitForTimeout(700)
      expect(await page.getByText('could not be loaded').allTextContents(), name).toEqual([])
    }
    expect(thrown).toEqual([])
  })
}, 90_000)
