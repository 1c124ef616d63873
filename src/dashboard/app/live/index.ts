export { api, signedIn, socket, start, useConnection } from './gateway.ts'
export { setTheme, type Theme, useTheme } from './theme.ts'
export { outdated, queries, useCall } from './use-call.ts'
export { useLive, useLiveRow } from './use-live.ts'
