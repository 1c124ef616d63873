/**
 * Weight and speed of the dashboard: bytes of the first load as they are sent, the time to the first paint, and the longest frame while
 * ten thousand orders are sorted and scrolled. What needs a browser is left out where there is none.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type BuiltFile, builtFiles } from '../../src/dashboard/build/precompress.ts'
import { chromiumPath, startBrowser } from '../../test/dashboard/browser.ts'
import { buildPage } from '../../test/dashboard/built.ts'
import { PASSWORD, StandIn } from '../../test/dashboard/stand-in/server.ts'
import { type BenchCase, defineBench } from '../harness.ts'

const KB = 1000
const folder = buildPage()
const files = builtFiles(folder)
const html = readFileSync(join(folder, 'index.html'), 'utf8')
const isFirst = ({ path }: BuiltFile): boolean => path === 'index.html' || html.includes(path) || path.includes('inter-latin-wght-normal')
const sum = (list: readonly BuiltFile[], of: (file: BuiltFile) => number): number => list.reduce((bytes, file) => bytes + of(file), 0) / KB
const ours = (measure: () => number | Promise<number>): BenchCase['ours'] => ({ name: 'ringmaster', measure })
const sizes: readonly BenchCase[] = [
  { name: 'first load, gzip, font included', unit: 'kB', better: 'lower', ours: ours(() => sum(files.filter(isFirst), (file) => file.gzipBytes)), goal: { atMost: 300 } },
  { name: 'first load, brotli, font included', unit: 'kB', better: 'lower', ours: ours(() => sum(files.filter(isFirst), (file) => file.brotliBytes)), goal: null },
  { name: 'scripts of all pages, brotli', unit: 'kB', better: 'lower', ours: ours(() => sum(files.filter(({ path }) => path.endsWith('.js')), (file) => file.brotliBytes)), goal: null },
]

/** Runs in the page. */
const WATCH_FRAMES = `
  globalThis.frames = { longest: 0, last: performance.now() }
  const next = (now) => {
    frames.longest = Math.max(frames.longest, now - frames.last)
    frames.last = now
    requestAnimationFrame(next)
  }
  requestAnimationFrame(next)`

async function main(): Promise<void> {
  if (chromiumPath === null) return void (await defineBench('dashboard', { rounds: 1 }, ...sizes).run())
  const server = new StandIn({ page: folder })
  const origin = await server.listen()
  const browser = await startBrowser()
  const firstPaint = async (): Promise<number> => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(origin)
    await page.getByLabel('Password').waitFor()
    const ms = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    await page.close()
    return ms
  }
  /** Longest time between two frames while the table of orders is sorted by three columns and scrolled through. */
  const longestFrame = async (): Promise<number> => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(origin)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.locator('.shell').waitFor()
    await page.goto(`${origin}/#/orders`)
    await page.getByText('10,003 shown').waitFor()
    await page.evaluate(WATCH_FRAMES)
    for (const heading of ['Pair', 'Entry price', 'PnL']) {
      await page.getByRole('columnheader', { name: heading }).getByRole('button').click()
      for (let i = 0; i < 20; i++) {
        await page.locator('.table-box').evaluate('(box) => box.scrollBy(0, 1200)')
        await page.waitForTimeout(16)
      }
    }
    const longest = await page.evaluate<number>('frames.longest')
    await page.close()
    return longest
  }
  try {
    await defineBench('dashboard', { rounds: 3 }, ...sizes, { name: 'first paint, from this machine', unit: 'ms', better: 'lower', ours: ours(firstPaint), goal: null }, { name: 'longest frame, 10,003 orders sorted and scrolled', unit: 'ms', better: 'lower', ours: ours(longestFrame), goal: null }).run()
  } finally {
    await browser.close()
    await server.close()
  }
}

if (import.meta.main) {
  try {
    await main()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
