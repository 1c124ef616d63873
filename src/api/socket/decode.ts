import { Unpackr } from 'msgpackr'

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

/** A message of a client: msgpack in binary frames, else JSON; null for neither. */
export function decode(data: Buffer, isBinary: boolean): unknown {
  try {
    return isBinary ? (unpackr.unpack(data) as unknown) : (JSON.parse(data.toString('utf8')) as unknown)
  } catch {
    return null
  }
}
