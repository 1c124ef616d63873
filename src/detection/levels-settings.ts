export interface LevelsSettings {
  /** Closed candles that are looked at. */
  readonly candles: number
  /** Candles on each side that a swing point must top. */
  readonly swing: number
  /** Swing points within this many mean true ranges are one level. */
  readonly epsRanges: number
  /** Swing points that make a level. */
  readonly minTouches: number
  /** After so many candles without a touch a level is half as strong. */
  readonly halfLifeCandles: number
  /** Volume of a breakout, in mean volumes, from which it is confirmed. */
  readonly breakoutVolume: number
  /** Candles within which a breakout is confirmed. */
  readonly confirmCandles: number
}
