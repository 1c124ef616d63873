export { type ApiServer, startServer } from './server.ts'
export type { ServerSettings } from './settings.ts'
export { actorTree } from './supervisor-routes.ts'
export { botStatus } from './bot-routes.ts'
