import { Random, SystemClock, SystemTimers, systemOriginNs } from '../../../src/core/index.ts'
import { createCounters, FrontServer, noLatency, serverDefaults } from '../../../src/exchange/front/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'

export const CREDENTIALS = { key: 'stock-key', secret: 'stock-secret', passphrase: 'stock pass' }

/** Exchange and front on real sockets of this machine, for clients that know nothing of us. */
export interface Served {
  readonly exchange: Exchange
  readonly front: OkxFront
  readonly http: string
  readonly ws: string
  stop(): Promise<void>
}

export async function serve(seed: number): Promise<Served> {
  const clock = new SystemClock(systemOriginNs())
  const timers = new SystemTimers()
  const exchange = new Exchange({
    clock, timers, ledger: new MemoryLedger(), startingBalance: '1000000', balances: { whale: '10000000000' }, defaultLeverage: '10',
    markets: defaultContracts.map((contract) => generatedMarket({ contract, seed, startTicks: defaultStartTicks[contract.symbol]!, rate: 20, historyMin: 120 })),
  })
  const front = new OkxFront({
    exchange, clock, timers, random: new Random(seed, 'okx-front'), latency: noLatency, counters: createCounters(),
    keys: [{ apiKey: CREDENTIALS.key, secret: CREDENTIALS.secret, passphrase: CREDENTIALS.passphrase, account: 'main' }],
  })
  const server = new FrontServer(front, { ...serverDefaults, port: 0 })
  const port = await server.listen()
  exchange.start()
  return {
    exchange, front, http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}/ws/v5`,
    stop: async () => {
      exchange.stop()
      await server.close()
    },
  }
}

/** Resolves when the condition holds; fails with its name after ten seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`never came: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
