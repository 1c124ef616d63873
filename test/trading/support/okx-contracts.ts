export { lotInCoins } from '../../../src/venues/okx/contracts.ts'

/** Contracts of the kinds that OKX lists: a part of a coin, one coin, many coins; whole contracts and parts of one. */
export const DEFAULT_ROWS = [
  { instId: 'BTC-USDT-SWAP', ctVal: '0.01', ctMult: '1', lotSz: '0.01', tickSz: '0.1' },
  { instId: 'ETH-USDT-SWAP', ctVal: '0.1', ctMult: '1', lotSz: '0.01', tickSz: '0.01' },
  { instId: 'SOL-USDT-SWAP', ctVal: '1', ctMult: '1', lotSz: '0.01', tickSz: '0.01' },
  { instId: 'XRP-USDT-SWAP', ctVal: '100', ctMult: '1', lotSz: '0.01', tickSz: '0.0001' },
  { instId: 'DOGE-USDT-SWAP', ctVal: '1000', ctMult: '1', lotSz: '0.01', tickSz: '0.00001' },
  { instId: 'SATS-USDT-SWAP', ctVal: '10000000', ctMult: '1', lotSz: '1', tickSz: '0.00000000001' },
] as const
