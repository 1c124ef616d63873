import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { detectionSettings } from '../../workers/detection-settings.ts'
import { exchangeSettings } from '../../workers/exchange-messages.ts'
import { detection } from './settings.ts'

const EXITS = 'exit: { by_regime: { trending: { tp_percent: 1, sl_percent: 1 }, ranging: { tp_percent: 1, sl_percent: 1 }, choppy: { tp_percent: 1, sl_percent: 1 } } }\norder_executor: { limit_order: { default_offset_percent: 0.05 } }\n'

function load(text: string) {
  const dir = mkdtempSync(join(tmpdir(), 'detection-'))
  writeFileSync(join(dir, 'default.yaml'), EXITS + text)
  return loadConfig({ dir, env: {}, envFile: null }).config
}

describe('configured detectors', () => {
  it('the settings that tests and benchmarks use are the defaults', () => {
    expect(detectionSettings(load(''))).toEqual(detection)
  })

  it('every setting reaches its detector', () => {
    const changed = detectionSettings(load('detection: { near_levels: 20, spoofing: { min_cycles: 5, enabled: false }, layering: { gap_ticks: 9 }, levels: { swing: 4 } }\n'))
    expect(changed).toMatchObject({ nearLevels: 20, spoofing: { minCycles: 5, enabled: false }, layering: { gapTicks: 9 }, levels: { swing: 4 } })
  })

  it('levels that reach to the end of the book are refused: what leaves its depth would be taken for a cancel', () => {
    expect(() => load('book_depth: 50\ndetection: { near_levels: 50 }\n')).toThrow(/detection\.near_levels/)
    expect(detectionSettings(load('book_depth: 200\ndetection: { near_levels: 100 }\n')).nearLevels).toBe(100)
  })

  it('manipulations are planted into the generated market as often as configured', () => {
    expect(exchangeSettings(load('exchange: { manipulations_per_hour: 9 }\n'), [], 0, 0).market).toMatchObject({ kind: 'generated', manipulationsPerHour: 9 })
  })
})
