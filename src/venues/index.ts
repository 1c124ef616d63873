export type * from './market-port.ts'
export type * from './trading-port.ts'
export type * from './transport.ts'
