/*
 * Windows over columns. The bars are cut into blocks as long as the window: a window is the rest of one block and the
 * beginning of the next. What a window has of the older block is added up backwards and waits where the result will be; what
 * it has of the newer one is added on the way forwards. Two additions a bar, no memory of their own, and as nothing is ever
 * subtracted a sum has no rounding of values that left it: sums of zeros are zero.
 */

/** Writes the sum of the last `length` values, times `scale`, for bars `from` … `to` − 1; NaN for the first `length` − 1. Not in place. */
export function windowSums(values: Float64Array, length: number, out: Float64Array, from: number, to: number, scale: number): void {
  const first = from + length - 1
  out.fill(Number.NaN, from, first < to ? first : to)
  if (first >= to) return
  let whole = 0
  for (let i = from; i <= first; i++) whole += values[i]!
  out[first] = whole * scale
  for (let start = first + 1; start < to; start += length) {
    // The window of the last bar of the block is the block.
    const last = start + length - 1
    const end = last < to ? last : to
    let rest = 0
    let i = start - 1
    for (; i > end - length; i--) rest += values[i]!
    for (let at = i + length - 1; at >= start; i--, at--) {
      rest += values[i]!
      out[at] = rest
    }
    let sum = 0
    for (i = start; i < end; i++) {
      sum += values[i]!
      out[i] = (out[i]! + sum) * scale
    }
    if (last < to) out[last] = (sum + values[last]!) * scale
  }
}

/** The same of products. */
export function windowProducts(values: Float64Array, length: number, out: Float64Array, from: number, to: number, scale: number): void {
  const first = from + length - 1
  out.fill(Number.NaN, from, first < to ? first : to)
  if (first >= to) return
  let whole = scale
  for (let i = from; i <= first; i++) whole *= values[i]!
  out[first] = whole
  for (let start = first + 1; start < to; start += length) {
    const last = start + length - 1
    const end = last < to ? last : to
    let rest = scale
    let i = start - 1
    for (; i > end - length; i--) rest *= values[i]!
    for (let at = i + length - 1; at >= start; i--, at--) {
      rest *= values[i]!
      out[at] = rest
    }
    let product = 1
    for (i = start; i < end; i++) {
      product *= values[i]!
      out[i] = out[i]! * product
    }
    if (last < to) out[last] = product * values[last]! * scale
  }
}

/** Writes the largest of the last `length` values; with `sign` −1 the smallest. */
export function windowExtremes(values: Float64Array, length: number, sign: 1 | -1, out: Float64Array, from: number, to: number): void {
  const first = from + length - 1
  out.fill(Number.NaN, from, first < to ? first : to)
  if (first >= to) return
  let best = Number.NEGATIVE_INFINITY
  for (let i = from; i <= first; i++) {
    const value = values[i]! * sign
    if (value > best) best = value
  }
  out[first] = best * sign
  for (let start = first + 1; start < to; start += length) {
    const last = start + length - 1
    const end = last < to ? last : to
    let rest = Number.NEGATIVE_INFINITY
    let i = start - 1
    for (; i > end - length; i--) {
      const value = values[i]! * sign
      if (value > rest) rest = value
    }
    for (let at = i + length - 1; at >= start; i--, at--) {
      const value = values[i]! * sign
      if (value > rest) rest = value
      out[at] = rest
    }
    best = Number.NEGATIVE_INFINITY
    for (i = start; i < end; i++) {
      const value = values[i]! * sign
      if (value > best) best = value
      out[i] = (out[i]! > best ? out[i]! : best) * sign
    }
    if (last < to) {
      const value = values[last]! * sign
      out[last] = (value > best ? value : best) * sign
    }
  }
}
