/**
 * What gateway and its clients agree on: requests, answers, errors, topics. It imports zod and nothing else, so that a page in
 * a browser can take its types. Money, prices and sizes are decimal text, times ms since 1970, ids text.
 */
export * from './auth.ts'
export * from './bot.ts'
export * from './chaos.ts'
export * from './errors.ts'
export * from './health.ts'
export * from './market.ts'
export * from './models.ts'
export * from './orders.ts'
export * from './routes.ts'
export * from './scalars.ts'
export * from './socket.ts'
export * from './trading.ts'
