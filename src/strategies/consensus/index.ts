export * from './desk.ts'
export * from './member.ts'
export * from './settings.ts'
export * from './tally.ts'
