export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export const LEVEL_RANK: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 }
