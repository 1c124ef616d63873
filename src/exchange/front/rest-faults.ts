import { chargesLeft, takeCharge, type Charge } from './charges.ts'
import type { CommandKind, SignIn } from './kinds.ts'

/** A list that comes back shorter than it is. */
interface ShortList extends Charge {
  /** Part of the path that it hits; "" hits any list. */
  readonly path: string
  readonly keep: number
}

/** An answer that fails after its command was carried out. */
interface FailedReply extends Charge {
  readonly kind: CommandKind
  readonly status: number
}

/** Faults of requests: limits, refused keys, lists that lie, answers that fail. */
export class RestFaults {
  readonly #limited: (Charge & { readonly group: string })[] = []
  readonly #signIns: (Charge & { readonly where: SignIn })[] = []
  readonly #lists: ShortList[] = []
  readonly #failed: FailedReply[] = []

  /** The next `count` requests of a group (part of its name; "" for all) are answered as over their limit. */
  limitRates(count = 1, group = ''): void {
    this.#limited.push({ left: count, group })
  }

  /** The next `count` signatures are refused, right as they may be. */
  refuseSignIns(count = 1, where: SignIn = 'any'): void {
    this.#signIns.push({ left: count, where })
  }

  /** The next `count` lists of queries whose path contains `path` keep their first `keep` rows and say that this is all. */
  shortenLists(count = 1, keep = 0, path = ''): void {
    this.#lists.push({ left: count, keep, path })
  }

  /** The next `count` commands are carried out and answered with an HTTP failure (the venue's timeout code on a stream). */
  failReplies(count = 1, kind: CommandKind = 'create', status = 504): void {
    this.#failed.push({ left: count, kind, status })
  }

  takeRateRefusal(group: string): boolean {
    return this.#limited.length > 0 && takeCharge(this.#limited, (one) => group.includes(one.group)) !== null
  }

  takeSignInRefusal(where: 'rest' | 'stream'): boolean {
    return this.#signIns.length > 0 && takeCharge(this.#signIns, (one) => one.where === 'any' || one.where === where) !== null
  }

  /** The rows that are shown of a list; all of them while nothing is armed. */
  shown<T>(path: string, rows: readonly T[]): readonly T[] {
    if (this.#lists.length === 0) return rows
    const short = takeCharge(this.#lists, (one) => path.includes(one.path))
    return short === null ? rows : rows.slice(0, short.keep)
  }

  /** @returns the HTTP status to fail with, or null. */
  takeFailedReply(kind: CommandKind): number | null {
    return this.#failed.length === 0 ? null : (takeCharge(this.#failed, (one) => one.kind === 'any' || one.kind === kind)?.status ?? null)
  }

  heal(): void {
    for (const charges of [this.#limited, this.#signIns, this.#lists, this.#failed]) charges.length = 0
  }

  describe(): Readonly<Record<string, unknown>> {
    return { limitedRequests: chargesLeft(this.#limited), refusedSignIns: chargesLeft(this.#signIns), shortLists: chargesLeft(this.#lists), failedReplies: chargesLeft(this.#failed) }
  }
}
