import { faultTerms } from '../fault-kinds.ts'

/** Kinds of the venue and of people that keep commands from their way or from their end. */
const DISTURBING: ReadonlySet<string> = new Set(['maintenance', 'suspend', 'delist', 'venue-clock', 'tick-change', 'lot-change', 'skip-updates', 'resnapshot'])

/** Whether nothing is wrong with network, venue, machine and model: what people and markets do is no excuse for being late. */
export const isCalm = (kinds: ReadonlySet<string>): boolean => [...kinds].every((kind) => kind === 'long-kill' || kind === 'kill' || (!DISTURBING.has(kind) && ['venue', 'operator', 'model'].includes(faultTerms(kind).family)))
