import { randomInt } from 'node:crypto'
import { type Clock, errorLine, type Instrument, type Nanos, Random, RingmasterError, type Timers } from '../src/core/index.ts'
import type { RegistryMemory } from '../src/market/index.ts'
import type { SymbolHealth } from '../src/runtime/health/index.ts'
import type { Log } from '../src/telemetry/index.ts'
import { NodeTransport } from '../src/venues/index.ts'
import type { EngineSettings } from './engine-messages.ts'
import { type AskInstruments, listing, type Listing } from './listing.ts'
import { canGoOn, type Changed, changedSymbols, isFlat } from './renewal.ts'
import { openVenue } from './venue.ts'

const TRIES = 60
const RETRY_MS = 250
const LEFT_OUT_AGAIN_MS = 60_000
const RENEWAL_ASK_MS = 10_000

export interface InstrumentsEnds {
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** Ends this process in good order; its supervisor starts it anew. */
  readonly stop: (reason: string) => void
}

/** What the venue says of the symbols that this process trades: asked at its start, and reason for a new process when it changes. */
export class EngineInstruments {
  readonly #symbols: readonly string[]
  readonly #ends: InstrumentsEnds
  readonly #ask: AskInstruments
  #instruments: readonly Instrument[] = []
  #askedNs: Nanos = Number.NEGATIVE_INFINITY
  #over = false

  constructor({ config, venue }: EngineSettings, ends: InstrumentsEnds) {
    this.#symbols = config.trading_pairs
    this.#ends = ends
    const { clock, timers } = ends
    const { reference } = openVenue(venue, { transport: new NodeTransport(), clock, timers, random: new Random(randomInt(2 ** 31)), count: () => {} }, config, 'public')
    this.#ask = (symbols) =>
      new Promise((resolve, reject) => {
        reference.instruments(symbols, (error, instruments) => (error === null ? resolve(instruments) : reject(error as Error)))
      })
  }

  /**
   * Those that can be traded. The others are asked about again, for a halt ends.
   * @throws as `listing`, when it goes on for a quarter of a minute
   */
  async read(): Promise<readonly Instrument[]> {
    for (let tries = 1; ; tries++) {
      try {
        const { instruments, leftOut } = await listing(this.#symbols, this.#ask)
        this.#leaveOut(leftOut)
        this.#instruments = instruments
        return instruments
      } catch (error) {
        if (tries >= TRIES || (error instanceof RingmasterError && error.action === 'reject')) throw error
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  /** To be called with the beat: starts the process anew once a grid has changed and nothing speaks against it. @param ageMs of this process */
  look(registry: RegistryMemory, symbols: readonly SymbolHealth[], ageMs: number): void {
    const changed = changedSymbols(registry, symbols, ageMs)
    if (changed.length === 0 || this.#over) return
    if (changed.every(isFlat)) this.#renew(changed, 'that are flat')
    else this.#askToRenew(changed)
  }

  #leaveOut(leftOut: Listing['leftOut']): void {
    if (leftOut.length === 0) return
    const { log, timers } = this.#ends
    for (const { symbol, error } of leftOut) log('error', `${symbol} is left out, the others are traded: what this engine holds or has ordered of it is not watched`, { error: error.message })
    const symbols = leftOut.map(({ symbol }) => symbol)
    timers.every(LEFT_OUT_AGAIN_MS, () => {
      listing(symbols, this.#ask).then(
        ({ instruments }) => {
          const back = instruments.map(({ symbol }) => symbol).join(', ')
          log('warn', 'symbols that were left out trade again: this process ends and is started anew with them', { symbols: back })
          this.#stop(`${back} can be traded again`)
        },
        // As it was, or nobody answers: the next look is not far.
        () => {},
      )
    })
  }

  #renew(changed: readonly Changed[], what: string): void {
    const symbols = changed.map(({ symbol }) => symbol)
    this.#ends.log('warn', `the venue has changed the grid of symbols ${what}: this process ends and is started anew on it`, { symbols: symbols.join(' ') })
    this.#stop(`the grid of ${symbols.join(', ')} has changed`)
  }

  /** Without a feed on the new grid nobody watches what is held: so it is counted on the new one, where that is possible. */
  #askToRenew(changed: readonly Changed[]): void {
    const { clock, log } = this.#ends
    const nowNs = clock.nowNs()
    if (nowNs - this.#askedNs < RENEWAL_ASK_MS * 1e6) return
    this.#askedNs = nowNs
    const symbols = changed.map(({ symbol }) => symbol)
    listing(symbols, this.#ask).then(
      ({ instruments }) => {
        if (this.#over) return
        if (canGoOn(changed, this.#instruments, instruments)) this.#renew(changed, 'of which positions are held')
        else log('error', 'the venue has changed a lot so that what is held cannot be counted in it: close that by hand, or let its stop do it', { symbols: symbols.join(' ') })
      },
      (error: unknown) => log('warn', 'the new grid of symbols that are held is not known', { error: errorLine(error) }),
    )
  }

  #stop(reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#ends.stop(reason)
  }
}

/** The settings of a process that trades these and no others. */
export const withPairs = (settings: EngineSettings, instruments: readonly Instrument[]): EngineSettings => ({ ...settings, config: { ...settings.config, trading_pairs: instruments.map(({ symbol }) => symbol) } })
