import * as nodeFs from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Packr, Unpackr } from 'msgpackr'
import { errorLine } from '../../core/index.ts'
import type { FrozenState, JournalPlace } from '../../trading/index.ts'

/**
 * How a checkpoint lies in a file: magic "RMCHECKP", u32 CRC-32 of the payload, payload; little endian. The payload is
 * msgpack. It is a convenience: whatever is wrong with it, the journal has everything.
 */
const MAGIC = Buffer.from('RMCHECKP', 'latin1')
const HEAD_BYTES = MAGIC.length + 4

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

export interface Checkpoint {
  /** The books hold every record before it. */
  readonly place: JournalPlace
  /** `foldPrint()` of the program that made it. */
  readonly fold: string
  readonly state: FrozenState
}

export type CheckpointFs = Pick<typeof nodeFs, 'openSync' | 'closeSync' | 'writeSync' | 'fsyncSync' | 'renameSync' | 'readFileSync' | 'rmSync'>

/** File of the checkpoint of a journal: beside it. */
export const checkpointPath = (journal: string): string => `${journal.replace(/\.journal$/, '')}.checkpoint`

/** Puts a checkpoint in the place of the one before, whole or not at all, also through a power loss. @throws what the disk says */
export function writeCheckpoint(path: string, checkpoint: Checkpoint, fs: CheckpointFs = nodeFs): void {
  const payload = packr.pack(checkpoint)
  const head = Buffer.alloc(HEAD_BYTES)
  MAGIC.copy(head)
  head.writeUInt32LE(crc32(payload), MAGIC.length)
  const fresh = join(dirname(path), `.${process.pid}.checkpoint.new`)
  const fd = fs.openSync(fresh, 'w', 0o600)
  try {
    for (const bytes of [head, payload]) for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done)
    fs.fsyncSync(fd)
  } catch (error) {
    fs.rmSync(fresh, { force: true })
    throw error
  } finally {
    fs.closeSync(fd)
  }
  fs.renameSync(fresh, path)
  const folder = fs.openSync(dirname(path), 'r')
  try {
    fs.fsyncSync(folder)
  } finally {
    fs.closeSync(folder)
  }
}

/** The checkpoint in a file; null when there is none; words when it cannot be used. */
export function readCheckpoint(path: string, fs: Pick<CheckpointFs, 'readFileSync'> = nodeFs): Checkpoint | string | null {
  let bytes: Buffer
  try {
    bytes = fs.readFileSync(path)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : errorLine(error)
  }
  if (bytes.length <= HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'it does not begin like a checkpoint'
  const payload = bytes.subarray(HEAD_BYTES)
  const wanted = bytes.readUInt32LE(MAGIC.length)
  const found = crc32(payload)
  return found === wanted ? (unpackr.unpack(payload) as Checkpoint) : `its checksum is ${found} where ${wanted} is written`
}
