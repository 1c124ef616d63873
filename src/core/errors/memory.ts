import { defineErrors } from './define.ts'

export const memoryErrors = defineErrors({
  RM_LAYOUT_FIELD: { action: 'halt', message: 'layout {layout}: field "{field}" {problem}' },
  RM_RING_SIZE: { action: 'halt', message: 'ring of {slots} slots of {slotBytes} bytes: slots must be a power of two from 2 to 2^24, a slot whole multiples of 8 bytes' },
  RM_RING_BATCH: { action: 'halt', message: 'batch of {count} records does not fit in a ring of {slots} slots' },
  RM_RING_CONSUMER: { action: 'halt', message: 'consumer {consumer} of the ring is {problem}' },
  RM_RING_BUFFER: { action: 'halt', message: 'the buffer holds {actual} where a ring of {expected} was expected' },
  RM_CELL_SIZE: { action: 'halt', message: 'cell payload of {bytes} bytes: whole multiples of 8 are needed' },
  RM_CELL_BUSY: { action: 'retry', message: 'cell is held by its writer after {spins} tries (sequence {sequence})' },
})
