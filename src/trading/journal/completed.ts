import type { EpochStarted, ExitPlan, FillBooked, FundingBooked, HangingFinding, OrderIntended, TradingRecord } from '../records.ts'

/** Fields that records have gained since the first journals: what their absence means. */
const GAINED: { readonly [Kind in TradingRecord['kind']]?: object } = {
  'order-intended': { reason: null, terms: null } satisfies Partial<OrderIntended>,
  'fill-booked': { priceText: null, feeCoin: null, realised: null } satisfies Partial<FillBooked>,
  'funding-booked': { rate: null, lots: null, priceText: null } satisfies Partial<FundingBooked>,
  'order-hanging': { venueData: null } satisfies Partial<HangingFinding>,
  'hanging-resolved': { venueData: null } satisfies Partial<HangingFinding>,
}

/** The same for the plans inside of records: without a regime a plan counts as damaged. */
const PLAN_GAINED = { regime: null, atrTicks: null, takeProfit: null, stopLoss: null, trailing: null } satisfies Partial<ExitPlan>

/** A record as it lies in a journal, with what an older version of the program did not write filled in. */
export function completed(record: TradingRecord): TradingRecord {
  const gained = GAINED[record.kind]
  const whole = gained === undefined || Object.keys(gained).every((field) => field in record) ? record : { ...gained, ...record }
  if (whole.kind === 'order-intended' && whole.plan !== null && lacking(whole.plan)) return { ...whole, plan: planOf(whole.plan) }
  if (whole.kind === 'epoch-started' && lacking(whole.plan)) return withPlans(whole)
  return whole
}

const lacking = (plan: ExitPlan): boolean => !Object.keys(PLAN_GAINED).every((field) => field in plan)

const planOf = (plan: ExitPlan): ExitPlan => ({ ...PLAN_GAINED, ...plan })

const withPlans = (record: EpochStarted): EpochStarted => ({
  ...record,
  plan: planOf(record.plan),
  planBySymbol: Object.fromEntries(Object.entries(record.planBySymbol).map(([symbol, plan]) => [symbol, planOf(plan)])),
})
