import { join } from 'node:path'
import { startBrowser } from './browser.ts'
import { PASSWORD, StandIn } from './stand-in/server.ts'
const server = new StandIn({ page: join(import.meta.dirname, '../../dist/dashboard') })
const origin = await server.listen()
const browser = await startBrowser()
const pages = process.argv.slice(2)
for (const [name, width, height] of [['desktop', 1440, 900], ['phone', 390, 844]] as const) {
  const page = await browser.newPage({ viewport: { width, height } })
  page.on('console', (m) => { if (m.type() !== 'debug') console.log(name, m.type(), m.text()) })
  page.on('pageerror', (e) => console.log(name, 'ERROR', e))
  await page.goto(origin)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForSelector('.shell')
  for (const path of pages) {
    await page.goto(`${origin}/#${path}`)
    if (path === '/charts') { await page.evaluate(() => localStorage.setItem('ringmaster.charts', JSON.stringify(['BTCUSDT','ETHUSDT','SOLUSDT','XRPUSDT','BNBUSDT','DOGEUSDT']))); await page.reload() }
    await page.waitForTimeout(1800)
    await page.screenshot({ path: `/tmp/dash/${name}${path.replaceAll('/', '_')}.png` })
  }
  await page.close()
}
await browser.close()
await server.close()
