export { bookDelta } from './book-delta.ts'
export { Channel, joined } from './channel.ts'
export { SocketHub } from './hub.ts'
export { RowSet } from './row-set.ts'
