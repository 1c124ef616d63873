/** The work of a closed candle as a piscina job: the thread has the same candles. */
import { SupportResistance } from '../../src/detection/index.ts'
import { detection } from '../../test/detection/settings.ts'
import { walkBars } from '../features/bars.ts'

const { high, low, close, volume } = walkBars(1024, 5)
const ticks = (price: number): number => Math.round(price * 10)
const levels = new SupportResistance(detection.levels)

function candle(n: number): number {
  const at = n % 1024
  levels.onClosed(n * 60_000, ticks(close[at]!), ticks(high[at]!), ticks(low[at]!), ticks(close[at]!), Math.round(volume[at]! * 1000))
  return levels.count
}

for (let n = 0; n < 4096; n++) candle(n)

export default candle
