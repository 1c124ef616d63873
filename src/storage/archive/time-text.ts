let lastMs = Number.NaN
let lastText = ''

/** A wall time as ISO text. What happens in one moment is told in several columns and rows. @param ms wall time, ms */
export function timeText(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}
