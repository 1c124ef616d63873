export * from './budget.ts'
export * from './gated-transport.ts'
export * from './market-requests.ts'
export * from './quote-source.ts'
