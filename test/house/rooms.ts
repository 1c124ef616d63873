/** What one room of the house may import. Ranks point downwards: a room imports rooms of lower rank. */
export interface Room {
  readonly rank: number
  /** Rooms of the same rank that it may import as well. */
  readonly peers?: readonly string[]
  /** When given: the only rooms that it may import. */
  readonly only?: readonly string[]
  /** When given: the only rooms that may import it. */
  readonly importedBy?: readonly string[]
  /** Every file of the room is a door; otherwise only files named index.ts are. */
  readonly open?: boolean
}

/** Rooms that look at everything and that nothing else may look at. */
export const onlookers: readonly string[] = ['test', 'bench']

export const rooms: Readonly<Record<string, Room>> = {
  'src/core': { rank: 0 },
  'src/memory': { rank: 1 },
  // Recordings are facts of the outside, like wire formats: engine and exchange may read the same ones.
  'src/capture': { rank: 1, only: ['src/core'] },
  'src/telemetry': { rank: 2 },
  'src/config': { rank: 2 },
  'src/runtime': { rank: 3 },
  'src/venues': { rank: 3 },
  'src/market': { rank: 3, peers: ['src/venues'] },
  'src/indicators': { rank: 4 },
  'src/features': { rank: 4, peers: ['src/indicators'] },
  'src/detection': { rank: 4, peers: ['src/features', 'src/indicators'] },
  'src/regime': { rank: 4, peers: ['src/features', 'src/indicators'] },
  'src/strategies': { rank: 4, peers: ['src/features', 'src/indicators', 'src/detection', 'src/regime'] },
  'src/model': { rank: 4, peers: ['src/features', 'src/strategies'] },
  'src/trading': { rank: 4 },
  'src/alerts': { rank: 4 },
  // It must be able to contradict the engine: nothing is shared but core, wire formats and the reader of recordings.
  'src/exchange': { rank: 4, only: ['src/core', 'src/capture'], importedBy: ['src/cli', 'workers'] },
  // It acts when execution is dead: not a line of what may have killed that one.
  'src/watchdog': { rank: 4, only: ['src/core'], importedBy: ['workers'] },
  'src/storage': { rank: 5 },
  'src/api': { rank: 5, peers: ['src/storage'] },
  // It runs in a browser: of the house it knows what the gateway promises, by type only (src/api/contract).
  'src/dashboard': { rank: 5, only: ['src/api'], peers: ['src/api'] },
  'src/cli': { rank: 6 },
  actors: { rank: 7, open: true },
  workers: { rank: 8, open: true },
}

/** The room of a file, or null for a file that stands in none. */
export function roomOf(path: string): string | null {
  const parts = path.split('/')
  const room = parts[0] === 'src' ? (parts.length > 2 ? `src/${parts[1]}` : null) : parts[0]!
  return room !== null && (room in rooms || onlookers.includes(room)) ? room : null
}
