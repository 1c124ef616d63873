import { channelRange, featureNames } from '../features/index.ts'

const { from, count } = channelRange('indicator')
const NAMES = featureNames().slice(from, from + count)

/** Place of an indicator among the 35 of a closed candle. */
const place = (name: string): number => NAMES.indexOf(name)

export const ADX = place('adx')
export const ATR_14 = place('atr_14')
export const ROC_10 = place('roc')
export const RSI_14 = place('rsi_14')
