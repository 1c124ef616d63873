import type { Verdict } from '../front/verdict.ts'
import type { CancelReason, Refusal } from '../port.ts'

/** Codes of the protocol itself; those of order commands stand in `refusals`. */
export const codes = {
  ok: { code: 0, text: 'OK' },
  serverError: { code: 10016, text: 'Server error.' },
  clock: { code: 10002, text: 'invalid request, please check your server timestamp or recv_window param.' },
  unknownKey: { code: 10003, text: 'API key is invalid.' },
  badSign: { code: 10004, text: 'error sign! please check your signature generation algorithm.' },
  tooManyVisits: { code: 10006, text: 'Too many visits!' },
  notAuthenticated: { code: 10007, text: 'User authentication failed.' },
  restarting: { code: 10019, text: 'WS trade service is restarting, please reconnect.' },
  duplicateRequestId: { code: 20006, text: 'Duplicate reqId' },
  unknownOperation: { code: 10404, text: 'op type is not found' },
} as const satisfies Record<string, Verdict>

/** Wrong parameters: one code, the text says which. */
export const wrong = (text: string): Verdict => ({ code: 10001, text: `params error: ${text}` })

/** What the exchange refuses, in the venue's codes: the only place where one becomes the other. */
export const refusals: Readonly<Record<Refusal, Verdict>> = {
  'unknown-symbol': { code: 10001, text: 'params error: symbol invalid' },
  'symbol-not-trading': { code: 110074, text: 'This contract is not live' },
  'duplicate-client-id': { code: 110072, text: 'OrderLinkedID is duplicate' },
  'order-not-found': { code: 110001, text: 'order not exists or too late to cancel' },
  'order-already-final': { code: 110008, text: 'The order has been completed or cancelled' },
  'bad-price': { code: 10001, text: 'params error: price invalid' },
  'bad-size': { code: 10001, text: 'params error: Qty invalid' },
  'below-min-notional': { code: 110094, text: 'Order does not meet minimum order value' },
  'above-max-size': { code: 10001, text: 'The number of contracts exceeds maximum limit allowed: too large' },
  'price-band': { code: 110003, text: 'Order price exceeds the allowable range.' },
  'insufficient-margin': { code: 110007, text: 'ab not enough for new order' },
  'reduce-only-no-position': { code: 110017, text: 'current position is zero, cannot fix reduce-only order qty' },
  'too-many-orders': { code: 110020, text: 'You are not allowed to have more than 500 active orders' },
  'leverage-range': { code: 110013, text: 'Cannot set leverage due to risk limit level' },
  'leverage-unchanged': { code: 110043, text: 'leverage not modified' },
  'amend-nothing': { code: 10001, text: 'order not modified' },
  'amend-below-filled': { code: 110064, text: 'The order modification quantity is not more than the filled quantity' },
  'mode-unchanged': { code: 110025, text: 'Position mode is not modified' },
  'mode-unsupported': { code: 10001, text: 'params error: position mode not supported' },
  'mode-has-positions': { code: 110024, text: 'You have an existing position, so the position mode cannot be switched' },
  'mode-has-orders': { code: 110028, text: 'You have existing open orders, so the position mode cannot be switched' },
  'leg-mismatch': { code: 10001, text: 'position idx not match position mode' },
  'trigger-not-above': { code: 110092, text: 'expect Rising, but trigger_price <= current' },
  'trigger-not-below': { code: 110093, text: 'expect Falling, but trigger_price >= current' },
  'too-many-triggers': { code: 110009, text: 'The number of stop orders exceeds the maximum allowed limit' },
  'protection-no-position': { code: 10001, text: 'can not set tp/sl/ts for zero position' },
  'protection-side': { code: 10001, text: 'TakeProfit or StopLoss is on the wrong side of base_price' },
  'protection-unchanged': { code: 34040, text: 'not modified' },
}

/** Why an order ended, in the two fields in which the venue says so. */
export const endings: Readonly<Record<CancelReason, { readonly cancelType: string; readonly rejectReason: string }>> = {
  user: { cancelType: 'CancelByUser', rejectReason: 'EC_PerCancelRequest' },
  'post-only-would-take': { cancelType: 'UNKNOWN', rejectReason: 'EC_PostOnlyWillTakeLiquidity' },
  'ioc-remainder': { cancelType: 'UNKNOWN', rejectReason: 'EC_NoImmediateQtyToFill' },
  'fok-not-fillable': { cancelType: 'UNKNOWN', rejectReason: 'EC_CancelForNoFullFill' },
  'no-liquidity': { cancelType: 'UNKNOWN', rejectReason: 'EC_NoImmediateQtyToFill' },
  'reduce-only': { cancelType: 'CancelByReduceOnly', rejectReason: 'EC_NoError' },
  'self-trade': { cancelType: 'CancelBySmp', rejectReason: 'EC_BySelfMatch' },
  liquidation: { cancelType: 'CancelAllBeforeLiq', rejectReason: 'EC_NoError' },
  admin: { cancelType: 'CancelByAdmin', rejectReason: 'EC_NoError' },
  'dead-man': { cancelType: 'CancelByDCP', rejectReason: 'EC_NoError' },
  'one-cancels-other': { cancelType: 'CancelByTpSlTsClear', rejectReason: 'EC_NoError' },
  'position-closed': { cancelType: 'CancelByTpSlTsClear', rejectReason: 'EC_NoError' },
  adl: { cancelType: 'CancelAllBeforeAdl', rejectReason: 'EC_NoError' },
  instrument: { cancelType: 'CancelByAdmin', rejectReason: 'EC_NoError' },
  'margin-at-trigger': { cancelType: 'UNKNOWN', rejectReason: 'EC_Others' },
  'rejected-by-operator': { cancelType: 'UNKNOWN', rejectReason: 'EC_Others' },
}

/** Carries a verdict out of the reading of parameters; caught at every entry of the front. */
export class Refused extends Error {
  readonly verdict: Verdict

  constructor(verdict: Verdict) {
    super(verdict.text)
    this.verdict = verdict
  }
}

export function refuse(verdict: Verdict): never {
  throw new Refused(verdict)
}
