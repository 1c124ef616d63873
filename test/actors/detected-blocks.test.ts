import { describe, expect, it } from 'vitest'
import { DetectedBlocks } from '../../actors/detected-blocks.ts'
import { BUY, SELL } from '../../src/core/index.ts'
import { DETECTORS } from '../../src/detection/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'

describe('SG-13 what detectors have against a side', () => {
  it('is read with its kind and confidence, for that side only, and ends when they say so', () => {
    const memory = RegistryMemory.create(1)
    const blocks = new DetectedBlocks(memory.readDetection(0))
    expect([blocks.blocked(BUY), blocks.blocked(SELL)]).toEqual([null, null])
    const writer = memory.writeDetection(0)
    const tell = (blocked: number, detector: number, confidence: number): void => {
      const cell = writer.begin()
      Object.assign(cell, { blocked, buyDetector: 0, sellDetector: detector, buyConfidence: 0, sellConfidence: confidence })
      writer.end()
    }
    tell(2, DETECTORS.indexOf('layering') + 1, 0.8)
    expect(blocks.blocked(SELL)).toEqual({ kind: 'layering', confidence: 0.8 })
    expect(blocks.blocked(BUY)).toBeNull()
    tell(2, DETECTORS.indexOf('spoofing') + 1, 0.6)
    expect(blocks.blocked(SELL)).toEqual({ kind: 'spoofing', confidence: 0.6 })
    tell(0, 0, 0)
    expect(blocks.blocked(SELL)).toBeNull()
  })

  it('is nothing while the cell cannot be read: a writer died in it', () => {
    const memory = RegistryMemory.create(1)
    const writer = memory.writeDetection(0)
    const cell = writer.begin()
    Object.assign(cell, { blocked: 3, buyDetector: 1, sellDetector: 1, buyConfidence: 1, sellConfidence: 1 })
    expect(new DetectedBlocks(memory.readDetection(0)).blocked(BUY)).toBeNull()
  })
})
