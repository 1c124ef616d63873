import { defineErrors } from './define.ts'

export const memoryErrors = defineErrors({
  RM_LAYOUT_FIELD: { action: 'halt', message: 'layout {layout}: field "{field}" {problem}' },
  RM_LAYOUT_PLACE: { action: 'halt', message: 'a record of layout {layout} ({bytes} bytes) cannot start at byte {byteOffset} of {length}: whole multiples of 8 with room behind them are needed' },
  RM_RING_SIZE: { action: 'halt', message: 'ring of {slots} slots of {slotBytes} bytes: slots must be a power of two from 2 to 2^24, a slot whole multiples of 8 bytes, all together at most {bytesMax} bytes' },
  RM_RING_START: { action: 'halt', message: 'a ring cannot start at sequence {sequence}' },
  RM_RING_BATCH: { action: 'halt', message: 'batch of {count} records does not fit in a ring of {slots} slots' },
  RM_RING_PUBLISH: { action: 'halt', message: '{count} records published where {claimed} were claimed' },
  RM_RING_ADVANCE: { action: 'halt', message: '{count} records marked as handled from sequence {sequence} on where {available} wait' },
  RM_RING_OUT: { action: 'halt', message: '{max} records of {slotBytes} bytes cannot be read into {bytes} bytes' },
  RM_RING_CONSUMER: { action: 'halt', message: 'consumer {consumer} of the ring is {problem}' },
  RM_RING_BUFFER: { action: 'halt', message: 'the buffer holds {actual} where a ring of {expected} was expected' },
  RM_CELL_SIZE: { action: 'halt', message: 'cell payload of {bytes} bytes: whole multiples of 8 are needed' },
  RM_CELL_PLACE: { action: 'halt', message: 'cell from byte {byteOffset} to {end} of a buffer of {bytes} bytes: it must start at a multiple of 64 and fit' },
  RM_CELL_OUT: { action: 'halt', message: 'cell payload of {payload} bytes does not fit in {bytes} bytes' },
  RM_CELL_CLOSED: { action: 'halt', message: 'cell was closed without having been opened (sequence {sequence})' },
  RM_CELL_BUSY: { action: 'retry', message: 'cell is held by its writer after {spins} tries (sequence {sequence})' },
  RM_DOOR_INDEX: { action: 'halt', message: 'door {index} of {doors}' },
})
