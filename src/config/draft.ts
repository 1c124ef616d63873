/** Values of several sources laid over each other, each with the place it came from. Nothing is checked here. */
export interface Branch {
  [key: string]: unknown
}

const isBranch = (value: unknown): value is Branch => typeof value === 'object' && value !== null && !Array.isArray(value)
// Without a prototype: a key named "constructor" or "__proto__" is then just an unknown key.
const branch = (): Branch => Object.create(null) as Branch

export class Draft {
  readonly tree: Branch = branch()
  readonly #places = new Map<string, string>()

  /** Puts a value; a later call wins over an earlier one at, above and below its path. */
  set(path: readonly string[], value: unknown, place: string): void {
    let at = this.tree
    for (const [depth, key] of path.slice(0, -1).entries()) {
      if (!isBranch(at[key])) {
        this.#forget(path.slice(0, depth + 1))
        at[key] = branch()
      }
      this.#places.set(path.slice(0, depth + 1).join('.'), place)
      at = at[key] as Branch
    }
    this.#forget(path)
    at[path.at(-1)!] = value
    this.#places.set(path.join('.'), place)
  }

  /** Makes sure that a section is there, empty if need be. */
  section(path: readonly string[], place: string): void {
    if (!isBranch(this.get(path))) this.set(path, branch(), place)
    else this.#places.set(path.join('.'), place)
  }

  get(path: readonly string[]): unknown {
    let at: unknown = this.tree
    for (const key of path) {
      if (Array.isArray(at)) at = (at as readonly unknown[])[Number(key)]
      else if (isBranch(at)) at = at[key]
      else return undefined
    }
    return at
  }

  /** Where the value at a path came from, else the nearest section around it. */
  placeOf(path: readonly string[]): string | null {
    for (let depth = path.length; depth > 0; depth--) {
      const place = this.#places.get(path.slice(0, depth).join('.'))
      if (place !== undefined) return place
    }
    return null
  }

  exactPlaceOf(path: readonly string[]): string | null {
    return this.#places.get(path.join('.')) ?? null
  }

  #forget(path: readonly string[]): void {
    const prefix = `${path.join('.')}.`
    for (const key of this.#places.keys()) if (key.startsWith(prefix)) this.#places.delete(key)
  }
}
