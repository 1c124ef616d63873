import { bytesOf } from '../../common/frame-reader.ts'

/** Start of the rows, up to and with the brace of the first. */
export const DATA = bytesOf('"data":[{')
export const INST_ID = bytesOf('"instId":"')
