/** `npm run screenshots`: every page at the width of a desk and of a phone, of an engine that has traded for a while in paper mode, into docs/images. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock } from '../../src/core/index.ts'
import { ApiClient } from '../../src/dashboard/client/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { ModelRegistry } from '../../src/model/index.ts'
import { distinctModel, draftFor, linearOnnx } from '../model/onnx-fixture.ts'
import { EngineProcess } from '../system/engine-process.ts'
import { startBrowser } from './browser.ts'
import { buildPage } from './built.ts'

const PASSWORD = 'a password for pictures'
const PAIRS = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']
/** Entries at the slightest sign and exits soon after, so that there is something to see of every kind. */
const EAGER = [
  `trading_pairs=${PAIRS.join(',')}`, 'gateway.enabled=true', 'gateway.port=0', `gateway.password=${PASSWORD}`, 'strategy.imbalance.buy_threshold=0.52', 'strategy.imbalance.sell_threshold=0.48', 'strategy.imbalance.repeat_ms=400', 'strategy.min_confidence=0.5',
  'order_executor.limit_order.default_offset_percent=0.001', 'order_executor.limit_order.by_regime.choppy.limit_offset_percent=0.001', 'strategies.model=validates', 'strategies.exits=off', 'exit.max_holding_s=30', 'shutdown.timeout_s=6',
]
const TRADES = 8
/** Of the history of the equity, one a minute. */
const POINTS = 2
const PATIENCE_MS = 180_000
/** Charts and tables have drawn, and the live values have come. */
const SETTLE_MS = 2500
const LIGHT = new Set(['overview', 'charts', 'order'])

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Two versions of a model that knows nothing: the one decides, the other one runs beside it. */
async function makeModels(folder: string): Promise<void> {
  const names = featureNames()
  const registry = new ModelRegistry(folder, new SystemClock(process.hrtime.bigint()))
  for (const version of ['linear-1', 'linear-2']) await registry.register(version, linearOnnx(distinctModel(4, names.length)), draftFor(names, 4))
  await registry.activate('linear-1', names, { who: 'pictures', why: 'a model to show' })
  await registry.setShadow('linear-2', names, { who: 'pictures', why: 'a model beside it' })
}

const images = process.argv[2] ?? join(import.meta.dirname, '../../docs/images')
mkdirSync(images, { recursive: true })
const dir = mkdtempSync(join(tmpdir(), 'ringmaster-pictures-'))
const built = join(import.meta.dirname, '../../dist/dashboard')
buildPage(built)
await makeModels(join(dir, 'models'))
const engine = await EngineProcess.start({ dir, set: [...EAGER, `model.dir=${join(dir, 'models')}`] })
try {
  await engine.until('engine and gateway are there', (health) => health.ready && engine.gatewayUrl !== '')
  const origin = engine.gatewayUrl
  const api = new ApiClient({ base: origin })
  await api.login(PASSWORD)
  let [closed, points] = [0, 0]
  for (const end = Date.now() + PATIENCE_MS; (closed < TRADES || points < POINTS) && Date.now() < end; await pause(1000)) {
    closed = (await api.call('trades', { query: { limit: 50 } })).items.length
    points = (await api.call('equity')).items.length
  }
  console.log(`${closed} positions have closed, the history of the equity has ${points} points`)
  const browser = await startBrowser()
  try {
    for (const [width, height] of [[1440, 900], [390, 844]] as const) {
      const page = await browser.newPage({ viewport: { width, height } })
      const shoot = async (name: string): Promise<void> => {
        await page.screenshot({ path: join(images, `dashboard-${name}-${width}.jpg`), type: 'jpeg', quality: 62 })
      }
      await page.goto(origin)
      await page.getByLabel('Password').waitFor()
      await shoot('login')
      await page.evaluate((charts) => localStorage.setItem('ringmaster.charts', charts), JSON.stringify(PAIRS))
      await page.reload()
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.locator('.shell').waitFor()
      // Nothing is pointed at.
      await page.mouse.move(0, 0)
      const names = { overview: '/', screener: '/screener', charts: '/charts', orders: '/orders', order: '', strategies: '/strategies', actors: '/actors', models: '/models', chaos: '/chaos', settings: '/settings' }
      for (const [name, path] of Object.entries(names)) {
        // A position that is held shows more than one that was, and may have closed since the last picture.
        const { items } = await api.call('positions')
        const order = items.toSorted((a, b) => b.openedMs - a.openedMs)[0]?.entryOrderId ?? (await api.call('orders', { query: { limit: 1 } })).items[0]!.id
        await page.goto(`${origin}/#${path === '' ? `/orders/${order}` : path}`)
        await pause(SETTLE_MS)
        await shoot(name)
        if (width < 1000 || !LIGHT.has(name)) continue
        await page.evaluate("localStorage.setItem('ringmaster.theme', 'light')")
        await page.reload()
        await pause(SETTLE_MS)
        await shoot(`${name}-light`)
        await page.evaluate("localStorage.setItem('ringmaster.theme', 'dark')")
        await page.reload()
      }
      await page.close()
    }
  } finally {
    await browser.close()
  }
  await engine.stop()
} finally {
  engine.cleanUp()
  rmSync(dir, { recursive: true, force: true })
}
