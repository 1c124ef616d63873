/** Process: our engine's market data side for the symbols of a frame server. Argument: a `ClientShape` in JSON. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BUY, SELL, type Side } from '../../src/core/index.ts'
import { NodeTransport } from '../../src/venues/index.ts'
import { type ClientShape, serveParent } from './client-messages.ts'
import { instrument } from './frames.ts'
import { symbolOf } from './script.ts'
import { Shard } from './shard.ts'

const { port, symbols, depth, features } = JSON.parse(process.argv[2]!) as ClientShape
const transport = new NodeTransport()
const instruments = Array.from({ length: symbols }, (_, index) => instrument(symbolOf(index), index))
const shard = new Shard({ instruments, bookDepth: depth, port, transportOf: () => transport, features })
shard.start()
while (!shard.ready) await sleep(10)

const top = (index: number, side: Side, levels: number): [number, number][] => {
  const { tick, lot } = instruments[index]!
  const ticks = new Float64Array(levels)
  const lots = new Float64Array(levels)
  const count = shard.ingests[index]!.book.copyTop(side, levels, ticks, lots)
  return Array.from({ length: count }, (_, i) => [Number(tick.format(ticks[i]!)), Number(lot.format(lots[i]!))])
}
/** Book messages taken: the server numbers those of a symbol one by one. Tick records are more, as one carries ten levels a side. */
const taken = (): number => shard.ingests.reduce((sum, { book }) => sum + book.updateId, 0)
serveParent(taken, (levels) => instruments.map((_, index) => [top(index, BUY, levels), top(index, SELL, levels)]))
