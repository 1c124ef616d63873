/** `npm run screenshots`: every page at the width of a desk and of a phone, with made-up data, into docs/images. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startBrowser } from './browser.ts'
import { buildPage } from './built.ts'
import { PASSWORD, StandIn } from './stand-in/server.ts'

const PAGES = { overview: '/', screener: '/screener', charts: '/charts', orders: '/orders', order: '/orders/rm-open-BTCUSDT', strategies: '/strategies', actors: '/actors', models: '/models', chaos: '/chaos', settings: '/settings' }
const CHARTS = JSON.stringify(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'BNBUSDT', 'DOGEUSDT'])
const images = join(import.meta.dirname, '../../docs/images')
const folder = buildPage()
const server = new StandIn({ page: folder })
const origin = await server.listen()
const browser = await startBrowser()
try {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    const page = await browser.newPage({ viewport: { width, height } })
    const shoot = async (name: string): Promise<void> => {
      await page.screenshot({ path: join(images, `dashboard-${name}-${width}.jpg`), type: 'jpeg', quality: 78 })
    }
    await page.goto(origin)
    await page.getByLabel('Password').waitFor()
    await shoot('login')
    await page.evaluate((charts) => localStorage.setItem('ringmaster.charts', charts), CHARTS)
    await page.reload()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.shell').waitFor()
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(`${origin}/#${path}`)
      await page.waitForTimeout(1500)
      await shoot(name)
    }
    await page.close()
  }
} finally {
  await browser.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}
