import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { errorLabel, money } from '../../../src/core/index.ts'
import { lotInCoins, OkxContracts, readContract, symbolOf } from '../../../src/venues/okx/contracts.ts'
import { checkSettings, OKX_DEFAULTS } from '../../../src/venues/okx/settings.ts'
import { hmacBase64, isoTime, loginFrame, signedHeaders } from '../../../src/venues/okx/sign.ts'
import { BTC, CREDENTIALS, ETH, frame, fixturesPresent, type Row, swap } from './okx-world.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return errorLabel(error)
  }
  return 'no error'
}

describe('signature', () => {
  // Vectors computed outside of this project, with another program.
  const at = Date.parse('2023-11-14T22:13:20.000Z')
  it('gives the documented signatures of a query, an order and a login', () => {
    expect(signedHeaders(CREDENTIALS, at, 'GET', '/api/v5/account/positions?instType=SWAP&instId=BTC-USDT-SWAP', '')).toEqual({
      'OK-ACCESS-KEY': 'testkey', 'OK-ACCESS-SIGN': '4y5+T8Ffc2NPxTL3VK5lTsrlMOz6KXZ2E2WQHq6DsRA=', 'OK-ACCESS-TIMESTAMP': '2023-11-14T22:13:20.000Z', 'OK-ACCESS-PASSPHRASE': 'testphrase',
    })
    const body = '{"instId":"BTC-USDT-SWAP","tdMode":"cross","side":"buy","ordType":"limit","px":"50000","sz":"1"}'
    expect(signedHeaders(CREDENTIALS, at, 'POST', '/api/v5/trade/order', body)['OK-ACCESS-SIGN']).toBe('mswd4Zf0UgZzaXPL3taWDs6vKNjg8FRn2RttrQvOIJI=')
    expect(JSON.parse(loginFrame(CREDENTIALS, 1_700_000_000_999))).toEqual({
      op: 'login', args: [{ apiKey: 'testkey', passphrase: 'testphrase', timestamp: '1700000000', sign: 'nbqmCslY7ltfyiVOn8iY7qsU13F+ycpPNKvAVTNSMVc=' }],
    })
    expect(hmacBase64('testsecret', '1700000000GET/users/self/verify')).toBe('nbqmCslY7ltfyiVOn8iY7qsU13F+ycpPNKvAVTNSMVc=')
  })
})

describe('time stamps', () => {
  it('are what the platform writes for every millisecond from 1970 to 9999', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => isoTime(ms) === new Date(ms).toISOString()))
    for (const text of ['1970-01-01T00:00:00.000Z', '2000-02-29T23:59:59.999Z', '2100-02-28T23:59:59.999Z', '2100-03-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z']) expect(isoTime(Date.parse(text))).toBe(text)
  })
})

describe('contracts and lots', () => {
  it.each([
    ['0.01', '0.01', '0.0001'], ['0.1', '0.01', '0.001'], ['1', '0.01', '0.01'], ['1000', '0.01', '10'],
    ['0.01', '0.1', '0.001'], ['0.1', '0.1', '0.01'], ['1', '0.1', '0.1'], ['1000', '0.1', '100'],
    ['0.01', '1', '0.01'], ['0.1', '1', '0.1'], ['1', '1', '1'], ['1000', '1', '1000'],
  ])('contract value %s with lots of %s contracts makes lots of %s coins, and every count of lots comes back exactly', (ctVal, lotSz, coins) => {
    const { instrument, size } = readContract(swap('BTC', { ctVal, lotSz, minSz: lotSz, maxMktSz: '30000' }), 3)
    expect(money(instrument.lot.text).equals(coins)).toBe(true)
    expect(instrument.index).toBe(3)
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (lots) => {
      const contracts = size.format(lots)
      expect(size.parse(contracts)).toBe(lots)
      // What the venue understands is what the engine meant, in coins, exactly.
      expect(money(contracts).mul(ctVal).equals(money(instrument.lot.format(lots)))).toBe(true)
    }), { numRuns: 50 })
  })

  it('multiplies the multiplier in', () => {
    expect(lotInCoins('0.1', '0.01', '10')).toBe('0.01')
    expect(lotInCoins('1', '10000000', '1')).toBe('10000000')
  })

  it.skipIf(!fixturesPresent)('reads the published instruments: grid, limits, leverage, code (needs reference fixtures)', () => {
    const rows = frame('rest_instruments_swap')['data'] as Row[]
    const btc = readContract(rows.find((row) => row['instId'] === 'BTC-USDT-SWAP')!, 0)
    expect(btc).toMatchObject({ instId: 'BTC-USDT-SWAP', instIdCode: 10459, instrument: { symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', minLots: 1, maxLeverage: 100 } })
    expect([btc.instrument.tick.text, money(btc.instrument.lot.text).toFixed()]).toEqual(['0.1', '0.0001'])
    const eth = readContract(rows.find((row) => row['instId'] === 'ETH-USDT-SWAP')!, 1)
    // 20000 contracts of a market order, in lots of 0.01 contracts.
    expect(eth.instrument.maxLots).toBe(2_000_000)
    expect(codeOf(() => readContract(rows.find((row) => row['instId'] === 'BTC-USD-SWAP')!, 0))).toBe('RM_VENUE_INSTRUMENT')
  })

  it.each([
    [{ state: 'suspend' }, 'RM_VENUE_SYMBOL_NOT_TRADING'], [{ ctType: 'inverse' }, 'RM_VENUE_INSTRUMENT'], [{ ctValCcy: 'USD' }, 'RM_VENUE_INSTRUMENT'], [{ settleCcy: 'BTC' }, 'RM_VENUE_INSTRUMENT'],
    [{ ctVal: '' }, 'RM_VENUE_INSTRUMENT'], [{ ctVal: '0' }, 'RM_VENUE_INSTRUMENT'], [{ lotSz: '-1' }, 'RM_VENUE_INSTRUMENT'], [{ tickSz: 0.1 }, 'RM_VENUE_INSTRUMENT'],
    [{ minSz: '0.005' }, 'RM_VENUE_INSTRUMENT'], [{ lever: 'x' }, 'RM_VENUE_INSTRUMENT'], [{ ctMult: undefined }, 'RM_VENUE_INSTRUMENT'],
  ])('refuses an instrument that it would size wrongly: %j', (change, code) => {
    expect(codeOf(() => readContract(swap('BTC', change), 0))).toBe(code)
  })

  it('refuses a contract whose size is not the one that the engine counts in', () => {
    const contracts = new OkxContracts(null as never)
    contracts.learn(swap('BTC'), BTC)
    expect(contracts.of('BTCUSDT')).toMatchObject({ instId: 'BTC-USDT-SWAP', instrument: BTC })
    expect(codeOf(() => contracts.learn(swap('ETH', { ctVal: '1', tickSz: '0.01' }), ETH))).toBe('RM_VENUE_INSTRUMENT')
    expect(contracts.of('ETHUSDT')).toBeUndefined()
  })

  it('names swaps only', () => {
    expect(['BTC-USDT-SWAP', 'BTC-USDT', 'BTC-USD-220527', 'BTC-USD-SWAP'].map(symbolOf)).toEqual(['BTCUSDT', null, null, 'BTCUSD'])
  })
})

describe('settings', () => {
  it.each([[{ ackMs: 0 }], [{ commandMs: Number.NaN }], [{ resyncMax: 1.5 }], [{ bookDepth: 7 as never }], [{ publicLink: { ...OKX_DEFAULTS.publicLink, pingMs: 30_000 } }], [{ privateLink: { ...OKX_DEFAULTS.privateLink, backoffMaxMs: 1 } }]])('refuses what cannot work: %j', (change) => {
    expect(codeOf(() => checkSettings({ ...OKX_DEFAULTS, ...change }))).toBe('RM_VENUE_SETTING')
  })
  it('takes its own defaults', () => {
    expect(checkSettings(OKX_DEFAULTS)).toBe(OKX_DEFAULTS)
  })
})
