/** What the front counts; plain numbers, fit for a heartbeat message. */
export interface FrontCounters {
  httpRequests: number
  httpRefused: number
  rateLimited: number
  addressBans: number
  badSignatures: number
  badMessages: number
  connections: number
  connectionsOpen: number
  messagesIn: number
  framesBuilt: number
  framesSent: number
  bytesSent: number
  commands: number
  commandsRefused: number
  repliesLost: number
  slowConsumers: number
  internalErrors: number
}

export const createCounters = (): FrontCounters => ({
  httpRequests: 0, httpRefused: 0, rateLimited: 0, addressBans: 0, badSignatures: 0, badMessages: 0,
  connections: 0, connectionsOpen: 0, messagesIn: 0, framesBuilt: 0, framesSent: 0, bytesSent: 0,
  commands: 0, commandsRefused: 0, repliesLost: 0, slowConsumers: 0, internalErrors: 0,
})
