export { bookData, levelRows, metricsRow, orderBookRow, pairRow, tickData } from './market-row.ts'
export { orderRow, tradeRow } from './order-row.ts'
export { balanceRow, positionRow, positionRows } from './position-row.ts'
export { closeRefusal, orderStory } from './story.ts'
