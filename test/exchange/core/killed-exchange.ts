/**
 * Child process of the kill test: an exchange on the real clock that trades as fast as it can and prints every execution
 * and every order that fires it tells its listeners, synchronously, until it is killed. Argument: path of the ledger.
 */
import { writeSync } from 'node:fs'
import { BUY, SELL, SystemClock, SystemTimers, systemOriginNs } from '../../../src/core/index.ts'
import { defaultContracts, Exchange, FileLedger, generatedMarket } from '../../../src/exchange/index.ts'

const exchange = new Exchange({
  clock: new SystemClock(systemOriginNs()),
  timers: new SystemTimers(),
  markets: [generatedMarket({ contract: defaultContracts[2], seed: 1, startTicks: 6000, rate: 200, historyMin: 10 })],
  ledger: new FileLedger(process.argv[2]!),
  startingBalance: '100000',
  defaultLeverage: '10',
})
exchange.listen({
  onExecution: (row) => void writeSync(1, `${row.executionId} ${row.lots}\n`),
  onOrder: (row) => void (row.status === 'Triggered' && writeSync(1, `fired ${row.orderId} ${row.lots}\n`)),
})
exchange.start()
let sent = 0
setInterval(() => {
  for (let i = 0; i < 20; i++) {
    const side = sent % 2 === 0 ? BUY : SELL
    const { bidTicks, askTicks } = exchange.summary('XRPUSDT')
    const take = sent % 3 === 0
    exchange.place('alice', {
      symbol: 'XRPUSDT', clientId: `${process.pid}-${++sent}`, side, type: 'limit', priceTicks: (side === BUY) === take ? askTicks : bidTicks, lots: 100, timeInForce: 'GTC', reduceOnly: false, closeOnTrigger: false,
    })
  }
  // A trigger a few ticks away fires within moments; its margin is there.
  const { lastTicks } = exchange.summary('XRPUSDT')
  const rise = sent % 2 === 0
  exchange.place('alice', {
    symbol: 'XRPUSDT', clientId: `${process.pid}-t${++sent}`, side: rise ? BUY : SELL, type: 'market', priceTicks: null, lots: 100, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false,
    trigger: { by: 'last', direction: rise ? 'rise' : 'fall', ticks: rise ? lastTicks + 1 : lastTicks - 1, activeMax: 50 },
  })
  if (exchange.orders('alice', { open: true }).length > 300) exchange.cancelAll('alice', null)
}, 5)
