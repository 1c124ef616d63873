export type * from './asks.ts'
export { type AnswerMessage, type AskMessage, ChannelLine } from './channel-line.ts'
export { RootCache } from './root-cache.ts'
