export { FeedClient } from './feed-client.ts'
export { FeedServer, sameText } from './feed-server.ts'
export { FrameCutter, packFrame } from './framing.ts'
export type * from './messages.ts'
