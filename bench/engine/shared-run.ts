import type { Side } from '../harness.ts'

/** One costly run that gives the numbers of many cases: it happens again when a case asks for a second time. */
export class SharedRun<Numbers> {
  readonly #name: string
  readonly #run: () => Numbers | Promise<Numbers>
  readonly #served = new Set<string>()
  #numbers: Numbers | null = null

  constructor(name: string, run: () => Numbers | Promise<Numbers>) {
    this.#name = name
    this.#run = run
  }

  /** A side that reads one number of each run; `key` tells the cases apart. */
  side(key: string, pick: (numbers: Numbers) => number): Side {
    return { name: this.#name, measure: async () => pick(await this.#for(key)) }
  }

  async #for(key: string): Promise<Numbers> {
    if (this.#numbers === null || this.#served.has(key)) {
      this.#numbers = await this.#run()
      this.#served.clear()
    }
    this.#served.add(key)
    return this.#numbers
  }
}
