export { type ModelServer, type ModelServerParts, startModelServer } from './server.ts'
