import type { CancelReason, Refusal } from '../port.ts'

/** A business answer of the venue; `subCode` is "" where the venue gives none. */
export interface Verdict {
  readonly code: string
  readonly text: string
  readonly subCode: string
}

const verdict = (code: string, text: string, subCode = ''): Verdict => ({ code, text, subCode })

/** Codes of the protocol itself; those of order commands stand in `refusals`. */
export const codes = {
  ok: verdict('0', ''),
  unavailable: verdict('50001', 'Service temporarily unavailable. Please try again later.'),
  timeout: verdict('50004', 'API endpoint request timeout (does not mean that the request was successful or failed, please check the request result).'),
  forbidden: verdict('50011', 'Requests too frequent: this address is shut out for a while.'),
  tooManyRequests: verdict('50011', 'Rate limit reached. Please refer to API documentation and throttle requests accordingly.'),
  accountOrders: verdict('50061', 'Sub-account rate limit exceeded'),
  systemError: verdict('50026', 'System error. Please try again later.'),
  notJson: verdict('50002', 'JSON syntax error'),
  expired: verdict('50036', 'The expTime can\'t be earlier than the current system time. Please adjust the expTime and try again.'),
  tooLate: verdict('50037', 'The expTime of the request has passed before it was processed. The request was not executed.'),
  clock: verdict('50102', 'Timestamp request expired'),
  noKey: verdict('50103', 'Request header OK-ACCESS-KEY cannot be empty.'),
  noPassphrase: verdict('50104', 'Request header OK-ACCESS-PASSPHRASE cannot be empty.'),
  badPassphrase: verdict('50105', 'Request header OK-ACCESS-PASSPHRASE incorrect.'),
  noSign: verdict('50106', 'Request header OK-ACCESS-SIGN cannot be empty.'),
  noTimestamp: verdict('50107', 'Request header OK-ACCESS-TIMESTAMP cannot be empty.'),
  badKey: verdict('50111', 'Invalid OK-ACCESS-KEY'),
  badTimestamp: verdict('50112', 'Invalid OK-ACCESS-TIMESTAMP'),
  badSign: verdict('50113', 'Invalid Sign'),
  modeUnsupported: verdict('51010', 'The current account mode does not support this API interface.'),
  duplicateClientId: verdict('51016', 'Client order ID already exists.'),
  belowMinimum: verdict('51020', 'Your order should meet or exceed the minimum order amount.'),
  offLot: verdict('51121', 'Order quantity must be a multiple of the lot size.'),
  noPositionToClose: verdict('51023', 'Position does not exist'),
  closeOrdersPending: verdict('51115', 'Cancel all pending close-orders before liquidation.'),
  sameDirection: verdict('51170', 'Failed to place order. A reduce-only order can’t be the same trading direction as your existing positions.'),
  closeTooLarge: verdict('51112', 'Close order size exceeds available size for this position.'),
  // A trigger on the wrong side of the last price, by side of the order.
  buyTakeProfit: verdict('51277', 'TP trigger price cannot be higher than the last price'),
  buyStopLoss: verdict('51278', 'SL trigger price cannot be lower than the last price'),
  sellTakeProfit: verdict('51279', 'TP trigger price cannot be lower than the last price'),
  sellStopLoss: verdict('51280', 'SL trigger price cannot be higher than the last price'),
  // One that came with an order, on the wrong side of its price.
  longTakeProfit: verdict('51046', 'The take profit trigger price must be higher than the order price'),
  longStopLoss: verdict('51047', 'The stop loss trigger price must be lower than the order price'),
  shortTakeProfit: verdict('51048', 'The take profit trigger price must be lower than the order price'),
  shortStopLoss: verdict('51049', 'The stop loss trigger price must be higher than the order price'),
  duplicateAlgoId: verdict('51065', 'algoClOrdId already exists.'),
  cancelFailed: verdict('51400', 'Cancellation failed as the order has been filled, canceled or does not exist.'),
  amendFailed: verdict('51503', 'Order modification failed as the order has been filled, canceled or does not exist.'),
  noOrder: verdict('51603', 'Order does not exist'),
  modeInUse: verdict('59000', 'Setting failed. Cancel any open orders, close positions, and stop trading bots first.'),
  lowLeverage: verdict('59108', 'Low leverage and insufficient margin, please adjust the leverage'),
  wsTimestamp: verdict('60004', 'Invalid timestamp'),
  wsKey: verdict('60005', 'Invalid apiKey'),
  wsClock: verdict('60006', 'Timestamp request expired'),
  wsSign: verdict('60007', 'Invalid sign'),
  logIn: verdict('60011', 'Please log in'),
  badArgs: verdict('60013', 'Invalid args'),
  tooFrequent: verdict('60014', 'Requests too frequent'),
  wsPassphrase: verdict('60024', 'Wrong passphrase'),
  tierTooLow: verdict('64003', 'Your trading fee tier doesn’t meet the requirement to access this channel'),
  upgrade: verdict('64008', 'The connection will soon be closed for a service upgrade. Please reconnect.'),
} as const satisfies Record<string, Verdict>

/** A parameter that cannot be used: one code, the text names it. */
export const wrong = (name: string): Verdict => verdict('51000', `Parameter ${name} error`)
/** A parameter that is missing. */
export const missing = (name: string): Verdict => verdict('50014', `Parameter ${name} can not be empty`)
/** A book channel that cannot stand beside another one of the same instrument. */
export const conflicting = (standing: string, asked: string, instId: string): Verdict => verdict('64004', `Subscribe to both ${asked} and ${standing} for ${instId} is not allowed. Unsubscribe ${standing} first.`)
/** Text that is no request. */
export const invalidRequest = (text: string): Verdict => verdict('60012', `Invalid request: ${text.slice(0, 500)}`)
/** A channel or instrument that this connection does not have. */
export const wrongChannel = (arg: string): Verdict => verdict('60018', `Wrong URL or ${arg} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`)

/** What the exchange refuses, in the venue's codes: the only place where one becomes the other. */
export const refusals: Readonly<Record<Refusal, Verdict>> = {
  'unknown-symbol': verdict('51001', 'Instrument ID or code does not exist.'),
  'symbol-not-trading': verdict('51022', 'Contract suspended.'),
  'duplicate-client-id': codes.duplicateClientId,
  'order-not-found': codes.cancelFailed,
  'order-already-final': codes.cancelFailed,
  'bad-price': wrong('px'),
  'bad-size': codes.belowMinimum,
  'below-min-notional': codes.belowMinimum,
  'above-max-size': verdict('51101', 'Entered amount exceeds the max pending order amount (Cont) per transaction'),
  'price-band': verdict('51006', 'Order price is not within the price limit'),
  'insufficient-margin': verdict('51008', 'Order failed. Insufficient USDT balance in account', '1000'),
  'reduce-only-no-position': verdict('51169', 'Order failed because you don’t have any positions in this direction to reduce or close.'),
  'too-many-orders': verdict('51174', 'Order failed. The number of pending orders reached the upper limit.'),
  'leverage-range': verdict('59102', 'Leverage exceeds the maximum limit. Please lower the leverage.'),
  'leverage-unchanged': codes.ok,
  'amend-nothing': verdict('51500', 'You must enter a price, quantity, or TP/SL'),
  'amend-below-filled': wrong('newSz'),
  'mode-unchanged': codes.ok,
  'mode-unsupported': codes.modeUnsupported,
  'mode-has-positions': codes.modeInUse,
  'mode-has-orders': codes.modeInUse,
  'leg-mismatch': wrong('posSide'),
  'trigger-not-above': wrong('triggerPx'),
  'trigger-not-below': wrong('triggerPx'),
  'too-many-triggers': verdict('51174', 'Order failed. The number of pending algo orders reached the upper limit.'),
  'protection-no-position': codes.noPositionToClose,
  'protection-side': wrong('triggerPx'),
  'protection-unchanged': codes.ok,
}

/** Why an order ended, as `cancelSource`. */
export const cancelSources: Readonly<Record<CancelReason, string>> = {
  user: '1',
  'post-only-would-take': '31',
  'ioc-remainder': '14',
  'fok-not-fillable': '13',
  'no-liquidity': '14',
  'reduce-only': '22',
  'self-trade': '32',
  liquidation: '3',
  admin: '0',
  'dead-man': '20',
  'one-cancels-other': '36',
  'position-closed': '21',
  adl: '6',
  instrument: '0',
  'margin-at-trigger': '2',
  'rejected-by-operator': '0',
}

/** Carries a verdict out of the reading of parameters; caught at every entry of the front. */
export class Refused extends Error {
  readonly verdict: Verdict

  constructor(given: Verdict) {
    super(`${given.code} ${given.text}`)
    this.verdict = given
  }
}

export function refuse(given: Verdict): never {
  throw new Refused(given)
}
