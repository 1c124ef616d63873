import type { SurveyedSymbol } from '../../../capture/index.ts'
import { fail, money } from '../../../core/index.ts'
import { defineContract } from '../../contract.ts'
import type { Contract } from '../../port.ts'

/** What a market that is known by its recording only is traded with: small leverage, wide margin. */
const UNKNOWN_MARKET = { maxLeverage: 25, maintenanceRate: '0.02' } as const
/** Largest order in lots; an order on the market may be a tenth of it. */
const MAX_LOTS = 10_000_000
/** Digits of a contract value that a venue chose; more of them are a quotient. */
const PLAIN_DIGITS = 4

/**
 * A contract on the grid of a recording: the venue's own word where it was recorded, else the largest steps that every price and
 * size of the recording is a multiple of. Sizes in contracts count in base coin.
 * @param pair the symbol that it trades under
 * @throws RM_CAPTURE_UNIT when nothing says what a contract is worth
 */
export function recordedContract(pair: string, found: SurveyedSymbol, file: string): Contract {
  const unit = found.unit ?? fail('RM_CAPTURE_UNIT', { symbol: found.symbol, file })
  const tick = found.venueTick === '' ? found.price.step : found.venueTick
  // Contracts that are no plain number of coins count on a grid of a tenth of one, or finer: that rounds one by 5 % at most.
  const coins = unit.in === 'quote' ? Number(unit.value) / Number(found.somePrice) : Number(unit.value)
  const plain = unit.in === 'base' && money(unit.value).precision() <= PLAIN_DIGITS
  const lot = plain ? money(found.venueLot === '' ? found.size.step : found.venueLot).times(unit.value) : money(10).pow(Math.floor(Math.log10(coins)) - 1)
  const size = lot.toFixed()
  return defineContract({
    symbol: pair,
    baseCoin: found.named?.base ?? pair.replace(/USDT$/, ''),
    tick,
    lot: size,
    minSize: size,
    maxSize: lot.times(MAX_LOTS).toFixed(),
    maxMarketSize: lot.times(MAX_LOTS / 10).toFixed(),
    ...UNKNOWN_MARKET,
  })
}
