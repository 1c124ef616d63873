export { Checkpointer } from './checkpointer.ts'
export { type Checkpoint, checkpointPath, writeCheckpoint } from './file.ts'
export { foldPrint } from './fold-print.ts'
export { openBooks, usable } from './open.ts'
