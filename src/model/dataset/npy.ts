import { fail } from '../../core/index.ts'

/*
 * The file format of NumPy (version 1.0): magic, version, length of a header, a Python literal that names type, order and
 * shape, padded so that the numbers begin at a multiple of 64 bytes, then the numbers. Only what is written here is read:
 * little-endian float32 in C order, one or two dimensions.
 */

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
const ALIGN = 64

/** A table of float32, row by row. */
export interface Float32Table {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

/** What stands before the numbers of a float32 table. */
export function npyHeader(rows: number, columns: number): Buffer {
  const literal = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  const length = Math.ceil((MAGIC.length + 2 + literal.length + 1) / ALIGN) * ALIGN - MAGIC.length - 2
  const header = Buffer.alloc(MAGIC.length + 2 + length, 0x20)
  MAGIC.copy(header)
  header.writeUInt16LE(length, MAGIC.length)
  header.write(literal, MAGIC.length + 2, 'latin1')
  header[header.length - 1] = 0x0a
  return header
}

/** A whole file. @param values rows × columns numbers */
export function encodeNpy(rows: number, columns: number, values: Float32Array): Buffer {
  if (values.length !== rows * columns) fail('RM_DATASET_NPY', { file: 'a new file', problem: `${values.length} numbers are not ${rows} × ${columns}` })
  return Buffer.concat([npyHeader(rows, columns), Buffer.from(values.buffer, values.byteOffset, values.byteLength)])
}

/** @param file named in errors @throws RM_DATASET_NPY for anything but a whole float32 table. */
export function decodeNpy(bytes: Buffer, file: string): Float32Table {
  const wrong = (problem: string): never => fail('RM_DATASET_NPY', { file, problem })
  if (bytes.length < MAGIC.length + 2 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) wrong('it does not begin like a .npy file of version 1.0')
  const start = MAGIC.length + 2 + bytes.readUInt16LE(MAGIC.length)
  if (start > bytes.length) wrong(`its header ends at byte ${start} of ${bytes.length}`)
  const header = bytes.toString('latin1', MAGIC.length + 2, start)
  if (!/'descr':\s*'<f4'/.test(header) || !/'fortran_order':\s*False/.test(header)) wrong(`its numbers are not float32 in C order: ${header.trim()}`)
  const shape = /'shape':\s*\((\d+),\s*(\d*)\s*,?\s*\)/.exec(header)
  if (shape === null) return wrong(`its shape cannot be read: ${header.trim()}`)
  const rows = Number(shape[1])
  const columns = shape[2] === '' ? 1 : Number(shape[2])
  const expected = rows * columns * 4
  if (bytes.length - start !== expected) wrong(`it holds ${bytes.length - start} bytes of numbers, ${rows} × ${columns} need ${expected}`)
  // The slice may begin anywhere in a pooled buffer: a copy is aligned.
  const values = new Float32Array(rows * columns)
  Buffer.from(values.buffer).set(bytes.subarray(start))
  return { rows, columns, values }
}
