import type { FaultPlan } from '../front/faults.ts'

/**
 * Faults on demand of the front. Topics are written `channel:instId` (`books:BTC-USDT-SWAP`); connections of the
 * business path count as public ones, the kind `trade` does not occur.
 */
export type OkxFaults = FaultPlan
