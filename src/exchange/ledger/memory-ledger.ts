import type { Fact, Ledger } from './facts.ts'

/** Keeps the batches as text in memory: a restart inside one virtual run. */
export class MemoryLedger implements Ledger {
  readonly lines: string[]

  constructor(lines: readonly string[] = []) {
    this.lines = [...lines]
  }

  replay(apply: (facts: readonly Fact[]) => void): void {
    for (const line of this.lines) apply(JSON.parse(line) as Fact[])
  }

  append(facts: readonly Fact[]): void {
    this.lines.push(JSON.stringify(facts))
  }

  close(): void {}
}

/** Keeps nothing: for long virtual runs that never restart. */
export class VolatileLedger implements Ledger {
  replay(): void {}
  append(): void {}
  close(): void {}
}
