export * from './episode.ts'
export { Episodes } from './episodes.ts'
export { PlantedFlow } from './planted-flow.ts'
