export * from './codes.ts'
export * from './front.ts'
export * from './settings.ts'
export { sign } from './signature.ts'
