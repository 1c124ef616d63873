import type { MetricSample } from '../../telemetry/root/index.ts'
import type { KillHealth } from './snapshot.ts'

/** The kill switch as metrics: whether it is engaged, and how far its losses are. */
export function killMetrics({ engaged, code, dayLoss, drawdownPercent }: KillHealth): MetricSample[] {
  const samples: MetricSample[] = [{ name: 'kill_switch_engaged', help: '1 while nothing may increase exposure until a person releases it', value: engaged ? 1 : 0, labels: engaged ? { code } : {} }]
  if (dayLoss !== null) samples.push({ name: 'day_loss', help: 'Loss of the day with open positions, quote currency; negative when it has earned', value: dayLoss, labels: {} })
  if (drawdownPercent !== null) samples.push({ name: 'drawdown_percent', help: 'Distance from the highest equity, deposits and withdrawals left out', value: drawdownPercent, labels: {} })
  return samples
}
