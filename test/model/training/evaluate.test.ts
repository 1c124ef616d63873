import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/index.ts'
import { accuracyOf, blockInterval, calibrationError, calibrationOf, classPrior, classScoresOf, classWeights, confusionOf, crossEntropyOf, emptyTable, fitConfidence, fitTemperature, naivePolicy, normaliserOf } from '../../../src/model/training/index.ts'

const SURE = [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.2, 0.3, 0.5]

describe('scores', () => {
  test('accuracy, cross-entropy, confusion, precision and recall are those counted by hand', () => {
    const classes = [0, 1, 0]
    expect(accuracyOf(SURE, classes)).toBeCloseTo(2 / 3)
    expect(crossEntropyOf(SURE, classes)).toBeCloseTo(-(Math.log(0.7) + Math.log(0.8) + Math.log(0.2)) / 3)
    const confusion = confusionOf(SURE, classes)
    expect(confusion).toEqual([[1, 0, 1], [0, 1, 0], [0, 0, 0]])
    expect(classScoresOf(confusion)).toEqual([{ precision: 1, recall: 0.5, support: 2 }, { precision: 1, recall: 1, support: 1 }, { precision: 0, recall: null, support: 0 }])
  })

  test('a certain mistake costs a lot, and not everything', () => {
    expect(crossEntropyOf([0, 0, 1], [0])).toBeCloseTo(-Math.log(1e-7))
  })

  test('calibration compares what was claimed with what came true', () => {
    const bins = calibrationOf([0.91, 0.95, 0.21, 1], [1, 0, 0, 1])
    expect(bins.map(({ count }) => count)).toEqual([1, 3])
    expect(calibrationError(bins)).toBeCloseTo((Math.abs(0.21) + 3 * Math.abs(2.86 / 3 - 2 / 3)) / 4)
  })
})

describe('the block bootstrap', () => {
  test('holds the mean of independent numbers about 95 times in 100', () => {
    let held = 0
    for (let seed = 0; seed < 80; seed++) {
      const random = new Random(seed, 'values')
      const { low, high } = blockInterval(Array.from({ length: 200 }, () => random.normal()), 1, seed)
      if (low <= 0 && high >= 0) held++
    }
    expect(held).toBeGreaterThan(69)
    expect(held).toBeLessThan(80)
  })

  test('is wider for numbers that hang together than single draws would be', () => {
    const random = new Random(1, 'values')
    const values = Array.from({ length: 40 }, () => random.normal()).flatMap((value) => Array<number>(10).fill(value))
    const width = (block: number): number => blockInterval(values, block, 1).high - blockInterval(values, block, 1).low
    expect(width(20)).toBeGreaterThan(2 * width(1))
    expect(blockInterval(values, 20, 1).blocks).toBe(20)
  })

  test('of nothing is nothing', () => {
    expect(blockInterval([], 5, 1)).toEqual({ mean: Number.NaN, low: Number.NaN, high: Number.NaN, blocks: 0 })
  })
})

test('the naive policy holds one position a symbol for the horizon and pays twice', () => {
  const table = emptyTable(['A', 'B'], 6, 1, 10_000, 0)
  table.timeMs.set([0, 5000, 10_000, 0, 5000, 20_000])
  table.symbol.set([0, 0, 0, 1, 1, 1])
  table.movement.set([0.002, 0.5, -0.001, -0.003, 0.5, 0.004])
  const buy = [0.1, 0.2, 0.7]
  const sell = [0.7, 0.2, 0.1]
  const trades = naivePolicy(table, Int32Array.of(0, 1, 2, 3, 4, 5), [...buy, ...buy, ...buy, ...sell, ...sell, 0.45, 0.1, 0.45], [0.9, 0.9, 0.9, 0.9, 0.2, 0.9], { minProbability: 0.5, minConfidence: 0.5, fee: 0.0005 })
  expect(trades.map(({ timeMs, symbol, side }) => [timeMs, symbol, side])).toEqual([[0, 0, 1], [0, 1, -1], [10_000, 0, 1]])
  expect(trades.map(({ net }) => Number(net.toFixed(6)))).toEqual([0.001, 0.002, -0.002])
})

describe('calibration is fitted', () => {
  test('to the temperature that was taken out of the logits', () => {
    const random = new Random(3, 'logits')
    const classes: number[] = []
    const logits = new Float32Array(6000 * 3)
    for (let row = 0; row < 6000; row++) {
      const three = [0, 1, 2].map(() => random.normal() * 1.5)
      const shares = three.map(Math.exp)
      let pick = random.next() * (shares[0]! + shares[1]! + shares[2]!)
      classes.push(shares.findIndex((share) => (pick -= share) < 0))
      three.forEach((value, i) => (logits[row * 3 + i] = value * 2.5))
    }
    expect(fitTemperature(logits, classes)).toBeGreaterThan(2.3)
    expect(fitTemperature(logits, classes)).toBeLessThan(2.7)
  })

  test('to the scale and shift that a confidence needs', () => {
    const random = new Random(4, 'confidence')
    const logits = Array.from({ length: 20_000 }, () => random.normal() * 2)
    const hits = logits.map((logit) => Number(random.next() < 1 / (1 + Math.exp(-(0.5 * logit - 0.7)))))
    const { confidenceScale, confidenceShift } = fitConfidence(logits, hits)
    expect(confidenceScale).toBeCloseTo(0.5, 1)
    expect(confidenceShift).toBeCloseTo(-0.7, 1)
  })

  test('to nothing without windows', () => {
    expect(fitTemperature(new Float32Array(0), [])).toBe(1)
    expect(fitConfidence([], [])).toEqual({ confidenceScale: 1, confidenceShift: 0 })
  })
})

test('class weights keep the mean of the loss, count rare classes up to a limit, and leave out what is not there', () => {
  const weights = classWeights([10, 980, 10], 1)
  expect((10 * weights[0]! + 980 * weights[1]! + 10 * weights[2]!) / 1000).toBeCloseTo(1)
  expect(weights[0]! / weights[1]!).toBeCloseTo(10 / (1000 / 2940))
  expect(classWeights([3, 5, 7], 0)).toEqual([1, 1, 1])
  expect(classWeights([0, 10, 10], 1).every(Number.isFinite)).toBe(true)
  expect(classPrior([0, 1, 0])).toEqual([0.25, 0.5, 0.25])
})

test('the normaliser keeps the digits of large prices and gives a constant a deviation of 1', () => {
  const values = Float32Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? 60_000 + (i % 2) : i % 3 === 1 ? 5 : (i % 7) * 1e-4))
  const { mean, deviation } = normaliserOf(values, 3, Array.from({ length: 1000 }, (_, i) => i))
  expect(mean[0]).toBeCloseTo(60_000.5, 2)
  expect(deviation[0]).toBeCloseTo(0.5, 3)
  expect([mean[1], deviation[1]]).toEqual([5, 1])
  expect(deviation[2]).toBeCloseTo(2e-4, 6)
  // Only the rows that were named.
  expect(normaliserOf(values, 3, [0, 2]).deviation[0]).toBe(1)
})
