import { DecimalStep, fail, money, type Lots, type Money, type PriceTicks } from '../core/index.ts'
import type { Contract, ContractChange } from './port.ts'

/** A contract as a table row; decimal texts as a venue would list them, sizes in base coin. */
export interface ContractRow {
  readonly symbol: string
  readonly baseCoin: string
  readonly tick: string
  readonly lot: string
  readonly minSize: string
  readonly maxSize: string
  readonly maxMarketSize: string
  readonly maxLeverage: number
  readonly maintenanceRate: string
  readonly fundingIntervalMin?: number
  readonly minNotional?: string
  readonly makerFeeRate?: string
  readonly takerFeeRate?: string
  /** Listed tick and lot as multiples of `tick` and `lot`, which are the finest that this contract can ever have. */
  readonly tickSteps?: number
  readonly lotSteps?: number
}

/** Levels of the source that one listed price may fold together. */
const STEPS_MAX = 1000

/**
 * Makes a USDT-margined contract of a row; fees, funding interval and smallest notional default to the venue's
 * usual values (0.02 % / 0.055 %, 8 hours, 5 USDT).
 * @throws RM_DECIMAL_* for a text off the grid, RM_EXCHANGE_CONTRACT for limits that contradict each other.
 */
export function defineContract(row: ContractRow): Contract {
  const tick = new DecimalStep(row.tick)
  const lot = new DecimalStep(row.lot)
  const contract: Contract = {
    symbol: row.symbol,
    baseCoin: row.baseCoin,
    quoteCoin: 'USDT',
    tick,
    lot,
    minLots: lot.parse(row.minSize, 'minSize'),
    maxLots: lot.parse(row.maxSize, 'maxSize'),
    maxMarketLots: lot.parse(row.maxMarketSize, 'maxMarketSize'),
    minNotional: row.minNotional ?? '5',
    maxLeverage: row.maxLeverage,
    makerFeeRate: row.makerFeeRate ?? '0.0002',
    takerFeeRate: row.takerFeeRate ?? '0.00055',
    maintenanceRate: row.maintenanceRate,
    fundingIntervalMin: row.fundingIntervalMin ?? 480,
    launchMs: 1_584_230_400_000,
    tickSteps: row.tickSteps ?? 1,
    lotSteps: row.lotSteps ?? 1,
    status: 'Trading',
    upcoming: null,
  }
  return checked(contract)
}

/** The contract with other terms. @throws RM_EXCHANGE_CONTRACT for terms that contradict each other. */
export const changedContract = (contract: Contract, change: ContractChange): Contract => checked({ ...contract, ...change })

function checked(contract: Contract): Contract {
  const rate = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)
  const problem =
    !(Number.isSafeInteger(contract.tickSteps) && contract.tickSteps >= 1 && contract.tickSteps <= STEPS_MAX) ? `listed tick of ${contract.tickSteps} steps, 1 to ${STEPS_MAX} possible`
    : !(Number.isSafeInteger(contract.lotSteps) && contract.lotSteps >= 1) ? `listed lot of ${contract.lotSteps} steps`
    : !Number.isSafeInteger(contract.minLots) || contract.minLots < 1 ? 'smallest size is zero'
    : !(contract.maxLots >= contract.minLots && contract.maxMarketLots >= contract.minLots) ? 'largest size is below the smallest'
    : contract.minLots % contract.lotSteps !== 0 ? `smallest size of ${contract.minLots} lots is off the grid of ${contract.lotSteps}`
    : !(contract.maxLeverage >= 1) ? 'leverage below 1'
    : !(contract.fundingIntervalMin >= 1) || 1440 % contract.fundingIntervalMin !== 0 ? 'funding interval does not divide a day'
    : !rate(contract.makerFeeRate) || !rate(contract.takerFeeRate) || !rate(contract.maintenanceRate) || !rate(contract.minNotional) ? 'a rate is no decimal text'
    : null
  if (problem !== null) fail('RM_EXCHANGE_CONTRACT', { symbol: contract.symbol, problem })
  return contract
}

/** The contracts that the exchange lists when nothing else is configured; limits as Bybit publishes them. */
export const defaultContracts: readonly Contract[] = [
  defineContract({ symbol: 'BTCUSDT', baseCoin: 'BTC', tick: '0.10', lot: '0.001', minSize: '0.001', maxSize: '1190', maxMarketSize: '500', maxLeverage: 100, maintenanceRate: '0.005' }),
  defineContract({ symbol: 'ETHUSDT', baseCoin: 'ETH', tick: '0.01', lot: '0.01', minSize: '0.01', maxSize: '7240', maxMarketSize: '1500', maxLeverage: 100, maintenanceRate: '0.005' }),
  defineContract({ symbol: 'XRPUSDT', baseCoin: 'XRP', tick: '0.0001', lot: '0.1', minSize: '0.1', maxSize: '4000000', maxMarketSize: '1000000', maxLeverage: 75, maintenanceRate: '0.0075' }),
]

/** The contracts of the recorded markets on the grids of their recordings (ETH trades in 0.001 there, NEXO was spot). */
export const recordedContracts: readonly Contract[] = [
  defaultContracts[0],
  defineContract({ symbol: 'ETHUSDT', baseCoin: 'ETH', tick: '0.01', lot: '0.001', minSize: '0.001', maxSize: '7240', maxMarketSize: '1500', maxLeverage: 100, maintenanceRate: '0.005' }),
  defineContract({ symbol: 'NEXOUSDT', baseCoin: 'NEXO', tick: '0.001', lot: '0.01', minSize: '0.01', maxSize: '500000', maxMarketSize: '100000', maxLeverage: 25, maintenanceRate: '0.02' }),
]

/** NEXO of the recorded contracts. */
export const nexoContract: Contract = recordedContracts[2]

/** Exact money arithmetic of one contract, its constants converted once per change of its terms. */
export class ContractMath {
  contract: Contract
  maker!: Money
  taker!: Money
  maintenance!: Money
  minNotional!: Money
  /** Quote currency of one lot at one tick. */
  readonly unit: Money
  readonly tickSize: Money
  /** `unit` as a binary number, for turnover figures. */
  readonly unitValue: number

  constructor(contract: Contract) {
    this.contract = contract
    this.tickSize = money(contract.tick.text)
    this.unit = this.tickSize.times(contract.lot.text)
    this.unitValue = this.unit.toNumber()
    this.revise(contract)
  }

  /** Takes over new terms. The units of prices and sizes never change. */
  revise(contract: Contract): void {
    this.contract = contract
    this.maker = money(contract.makerFeeRate)
    this.taker = money(contract.takerFeeRate)
    this.maintenance = money(contract.maintenanceRate)
    this.minNotional = money(contract.minNotional)
  }

  price(ticks: PriceTicks): Money {
    return this.tickSize.times(ticks)
  }

  /** Price × size, quote currency. */
  value(ticks: PriceTicks, lots: Lots): Money {
    return this.unit.times(ticks).times(lots)
  }
}
