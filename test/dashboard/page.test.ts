import { rmSync } from 'node:fs'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { chromiumPath, startBrowser } from './browser.ts'
import { buildPage } from './built.ts'
import { PASSWORD, StandIn } from './stand-in/server.ts'

const PAGES = ['/', '/screener', '/charts/BTCUSDT', '/orders', '/orders/rm-open-BTCUSDT', '/strategies', '/actors', '/models', '/chaos', '/settings']

/** The built page in a browser, in front of a gateway that says what the test wants. One of each for all tests, which build on each other. */
describe.skipIf(chromiumPath === null)('dashboard in a browser (needs Chromium)', () => {
  let folder: string
  let server: StandIn
  let origin: string
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    folder = buildPage()
    server = new StandIn({ page: folder })
    origin = await server.listen()
    browser = await startBrowser()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text())
    })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const go = (path: string): Promise<unknown> => page.goto(`${origin}/#${path}`)
  const why = (words: string): Promise<void> => page.getByLabel('Why (kept in the audit trail)').fill(words)
  const press = (name: string): Promise<void> => page.getByRole('dialog').last().getByRole('button', { name, exact: true }).click()

  test('a wrong password is refused in words, the right one opens the overview, by keys alone', async () => {
    await page.goto(origin)
    await page.getByLabel('Password').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('This is not the password.').waitFor()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain('stand-in-token')
  })

  test('prices move by themselves', async () => {
    await go('/screener')
    const price = page.getByRole('row', { name: /BTCUSDT/ }).getByRole('cell').nth(1)
    const first = await price.textContent()
    await vi.waitFor(async () => expect(await price.textContent()).not.toBe(first), 5000)
  })

  test('twelve charts are added, three in a row, and no more', async () => {
    await go('/charts')
    await page.getByRole('button', { name: 'Add charts' }).click()
    await press('As many as fit')
    await press('Add')
    await vi.waitFor(async () => expect(await page.locator('.chart-card canvas').count()).toBeGreaterThan(12 * 2), 10_000)
    expect(await page.locator('.chart-card').count()).toBe(12)
    expect(await page.evaluate("getComputedStyle(document.querySelector('.charts-grid')).gridTemplateColumns.split(' ').length")).toBe(3)
    expect(await page.getByRole('button', { name: 'Add charts' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Remove all' }).click()
    await page.getByText('No charts yet').waitFor()
  })

  test('ten thousand orders sort by a heading and filter by status, with only the seen rows in the document', async () => {
    await go('/orders')
    await page.getByText('10,003 shown').waitFor()
    expect(await page.locator('tbody tr').count()).toBeLessThan(100)
    await page.getByRole('button', { name: 'Entry price' }).click()
    await page.getByRole('button', { name: 'Entry price' }).click()
    const prices = await page.locator('tbody tr:not(.filler) td:nth-child(7)').allTextContents()
    const numbers = prices.slice(0, 20).map((text) => Number(text.replaceAll(',', '')))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    await page.getByLabel('Status').selectOption('rejected')
    const statuses = await page.locator('tbody tr:not(.filler) td:nth-child(11)').allTextContents()
    expect(new Set(statuses)).toEqual(new Set(['rejected']))
    await page.getByRole('button', { name: 'Clear' }).click()
  })

  test('an order shows its PnL moving and is closed after a question that shows it too', async () => {
    await go('/orders/rm-open-BTCUSDT')
    const pnl = page.locator('[data-pnl]')
    const first = await pnl.textContent()
    await vi.waitFor(async () => expect(await pnl.textContent()).not.toBe(first), 5000)
    await page.getByText('Why did it trade?').waitFor()
    await page.getByRole('button', { name: 'Close position' }).click()
    expect(await page.locator('.closing-pnl').textContent()).toContain('USDT')
    await why('end of the test')
    await press('Close at the market')
    await page.getByText('BTCUSDT is closed.').waitFor()
    expect(server.world.positions.some((row) => row.symbol === 'BTCUSDT')).toBe(false)
  })

  test('a strategy is switched off and says so', async () => {
    await go('/strategies')
    await page.getByRole('switch', { name: 'Strategy momentum' }).click()
    await why('too many losses')
    await press('Switch off')
    await vi.waitFor(async () => expect(await page.getByRole('switch', { name: 'Strategy momentum' }).getAttribute('aria-checked')).toBe('false'), 6000)
    await page.getByLabel('imbalance: weight').fill('a lot')
    await page.getByText('A number such as 12 or 0.25.').waitFor()
  })

  test('a model is shown with its drift and the version beside it', async () => {
    await go('/models')
    await page.getByRole('region', { name: 'Drift' }).getByText('spread_percent').waitFor()
    expect(await page.getByRole('region', { name: 'Drift' }).textContent()).toMatch(/medium.*watch it.*9.0 %.*0.170.*52.0 %/)
    expect(await page.getByRole('region', { name: 'Shadow' }).textContent()).toMatch(/2026-02-tcn.*4,100.*83.0 %/)
    expect(await page.getByRole('row', { name: /2026-02-tcn/ }).textContent()).toContain('shadow')
  })

  test('an actor is restarted and seen to come back', async () => {
    await go('/actors')
    await page.getByRole('button', { name: 'Restart execution', exact: true }).click()
    await why('rehearsal')
    await press('Restart')
    await page.getByText('execution runs in a new life.').waitFor()
  })

  test('the kill switch is engaged and released, each after a question and with a reason', async () => {
    await page.getByRole('button', { name: 'Kill switch' }).click()
    await why('rehearsal')
    await press('Stop trading')
    await page.getByRole('button', { name: 'Release' }).click()
    expect(server.world.status.kill).toMatchObject({ engaged: true, reason: 'rehearsal' })
    await why('over')
    await press('Trade again')
    await page.getByRole('button', { name: 'Kill switch' }).waitFor()
  })

  test('what cannot be fetched is said where it would stand, with a way to try again', async () => {
    server.failing.set('strategiesStatus', 503)
    await page.reload()
    await go('/strategies')
    await page.getByText('the strategies could not be loaded').waitFor({ timeout: 15_000 })
    server.failing.clear()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('switch', { name: 'Strategy momentum' }).waitFor()
  })

  test.each(PAGES)('%s has no serious finding of the accessibility check, in both themes', async (path) => {
    await go(path)
    await page.waitForTimeout(300)
    if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source)
    // The themes differ in their colours alone.
    for (const [theme, rules] of [['dark', 'null'], ['light', "['color-contrast']"]] as const) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document.querySelector('dialog[open]') ?? document, { resultTypes: ['violations'], ...(${rules} === null ? {} : { runOnly: ${rules} }) })`)
      const found = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 140)).join(' | ')}`)
      expect(found, theme).toEqual([])
    }
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
  })

  test('on a phone no page is wider than its screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const path of PAGES) {
      await go(path)
      await page.waitForTimeout(150)
      expect(await page.evaluate("[document.documentElement.scrollWidth, document.querySelector('.main').scrollWidth]"), path).toEqual([390, 390])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('it says that the gateway is away, and is live again by itself when that is back', async () => {
    await go('/')
    await server.close()
    await page.getByText('The gateway does not answer.').waitFor({ timeout: 15_000 })
    server = new StandIn({ page: folder, world: server.world })
    await server.listen(Number(new URL(origin).port))
    await page.getByText('The gateway does not answer.').waitFor({ state: 'detached', timeout: 20_000 })
  })

  test('nothing was thrown in the page, and nothing broke the policy of its content', () => expect(complaints).toEqual([]))
}, 60_000)
