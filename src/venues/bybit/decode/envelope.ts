import { bytesOf } from '../../common/frame-reader.ts'

/*
 * Fields of the venue's envelope, and the bits under which they are ticked off.
 */
export const TYPE = bytesOf('"type":"')
export const TS = bytesOf('"ts":')
export const CTS = bytesOf('"cts":')
export const CS = bytesOf('"cs":')
export const DATA = bytesOf('"data":')
export const KEY_SEQ = bytesOf('"seq":')
/** What `type` says of a frame that is no snapshot. */
export const DELTA = bytesOf('delta"')
export const HAS_TYPE = 1
export const HAS_TS = 2
export const HAS_DATA = 4
export const HAS_CTS = 8
export const HAS_CS = 16
export const ENVELOPE = HAS_TYPE | HAS_TS | HAS_DATA
