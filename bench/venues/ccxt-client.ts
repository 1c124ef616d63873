/** Process: ccxt.pro as its documentation says, one `watchOrderBook` loop a symbol. Argument: a `ClientShape` in JSON. */
import { setTimeout as sleep } from 'node:timers/promises'
import ccxt from 'ccxt'
import { type ClientShape, serveParent } from './client-messages.ts'
import type { PriceAndSize } from './contestants.ts'

const { port, symbols, depth } = JSON.parse(process.argv[2]!) as ClientShape
const http = `http://127.0.0.1:${port}`
const exchange = new ccxt.pro.bybit({
  options: { fetchMarkets: { types: ['linear'] } },
  urls: { api: { public: http, private: http, spot: http, futures: http, v2: http, ws: { public: { linear: `ws://127.0.0.1:${port}/v5/public/linear` } } } },
})
await exchange.loadHttpProxyAgent()
await exchange.loadMarkets()
const names = Object.keys(exchange.markets!).toSorted()
if (names.length !== symbols) throw new Error(`ccxt knows ${names.length} markets, not ${symbols}`)

let taken = 0
const books = names.map((): { bids: readonly PriceAndSize[]; asks: readonly PriceAndSize[] } => ({ bids: [], asks: [] }))
async function watch(index: number): Promise<never> {
  for (;;) {
    books[index] = (await exchange.watchOrderBook(names[index]!, depth)) as unknown as (typeof books)[number]
    taken++
  }
}
for (const index of names.keys()) void watch(index)
while (books.some(({ bids }) => bids.length === 0)) await sleep(10)

const copy = (side: readonly PriceAndSize[], levels: number): PriceAndSize[] => side.slice(0, levels).map(([price, size]) => [price, size])
serveParent(() => taken, (levels) => books.map(({ bids, asks }) => [copy(bids, levels), copy(asks, levels)]))
