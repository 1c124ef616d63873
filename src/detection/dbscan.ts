/**
 * DBSCAN (Ester, Kriegel, Sander, Xu 1996) of numbers on a line: a point with at least `minPoints` points within `eps` of it, itself
 * included, is a core; cores within `eps` of each other are one cluster; other points within `eps` of a core belong to its
 * cluster, to the first one where there are two; the rest is noise.
 *
 * On a line the neighbours of a point are a stretch of the sorted points, so two moving ends find all of them: n·log n for
 * the sort, n for the rest. Clusters are numbered by their first core in the order given, as scikit-learn does.
 */
export class LineDbscan {
  /** Cluster of each point of the last run, −1 for noise. */
  readonly labels: Int32Array
  readonly #order: Int32Array
  readonly #groups: Int32Array
  readonly #names: Int32Array
  readonly #core: Uint8Array

  /** @param room points that a run may have */
  constructor(room: number) {
    this.labels = new Int32Array(room)
    this.#order = new Int32Array(room)
    this.#groups = new Int32Array(room)
    this.#names = new Int32Array(room)
    this.#core = new Uint8Array(room)
  }

  /** Clusters the first `count` values. @returns how many clusters there are */
  run(values: Float64Array, count: number, eps: number, minPoints: number): number {
    const order = this.#order
    const core = this.#core
    for (let i = 0; i < count; i++) {
      let place = i
      for (; place > 0 && values[order[place - 1]!]! > values[i]!; place--) order[place] = order[place - 1]!
      order[place] = i
    }
    let low = 0
    let high = 0
    for (let i = 0; i < count; i++) {
      const value = values[order[i]!]!
      while (value - values[order[low]!]! > eps) low++
      while (high < count && values[order[high]!]! - value <= eps) high++
      core[i] = high - low >= minPoints ? 1 : 0
    }
    this.#group(values, count, eps)
    const clusters = this.#name(count)
    this.#label(values, count, eps)
    return clusters
  }

  /** Cores in sorted order that lie within `eps` of the one before are of its group. */
  #group(values: Float64Array, count: number, eps: number): void {
    let last = Number.NaN
    let group = -1
    for (let i = 0; i < count; i++) {
      if (this.#core[i] === 0) continue
      const value = values[this.#order[i]!]!
      if (!(value - last <= eps)) group++
      this.#groups[i] = group
      last = value
    }
  }

  /** Numbers groups by their first core in the order of the points. */
  #name(count: number): number {
    const names = this.#names
    const first = this.labels
    names.fill(-1, 0, count)
    first.fill(-1, 0, count)
    for (let i = 0; i < count; i++) if (this.#core[i] === 1) first[this.#order[i]!] = this.#groups[i]!
    let clusters = 0
    for (let i = 0; i < count; i++) if (first[i]! >= 0 && names[first[i]!] === -1) names[first[i]!] = clusters++
    return clusters
  }

  #label(values: Float64Array, count: number, eps: number): void {
    const { labels } = this
    const order = this.#order
    labels.fill(-1, 0, count)
    // Nearest core before each point, then the nearest behind it.
    let from = -1
    for (let i = 0; i < count; i++) {
      if (this.#core[i] === 1) from = i
      if (from >= 0 && values[order[i]!]! - values[order[from]!]! <= eps) labels[order[i]!] = this.#names[this.#groups[from]!]!
    }
    from = -1
    for (let i = count - 1; i >= 0; i--) {
      if (this.#core[i] === 1) from = i
      if (from < 0 || !(values[order[from]!]! - values[order[i]!]! <= eps)) continue
      const name = this.#names[this.#groups[from]!]!
      if (labels[order[i]!]! < 0 || name < labels[order[i]!]!) labels[order[i]!] = name
    }
  }
}
