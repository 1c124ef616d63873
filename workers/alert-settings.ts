import { type AlertChannel, type ChannelPlan, type ConditionSettings, type LaneLimits, LogChannel, redactor, TelegramChannel, WebhookChannel } from '../src/alerts/index.ts'
import { type Config, secretValues } from '../src/config/index.ts'
import type { Timers } from '../src/core/index.ts'
import type { Log } from '../src/telemetry/index.ts'

/** Kinds of alerts that are remembered by a channel. */
const KEYS_MAX = 1000
/** Parts of an address that are no words: what stands in them may be the key to it. */
const TELLING_PART = 12

/** Every text that must not leave by an alert, nor stand in a log or in health because of one. */
export function alertSecrets(config: Config): readonly string[] {
  const { url } = config.alerts.webhook
  if (!URL.canParse(url)) return secretValues(config)
  // Servers like to answer with the path that they were asked for.
  const { pathname, search, searchParams } = new URL(url)
  const parts = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= TELLING_PART)
  return [...secretValues(config), search, ...parts, ...parts.map(decoded)]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export interface ChannelParts {
  readonly log: Log
  readonly timers: Timers
  readonly wallMs: () => number
  /** Texts beyond those of the configuration that must not leave. */
  readonly secrets: readonly string[]
}

/** The channels that the settings name, the log always among them. */
export function alertChannels(config: Config, { log, timers, wallMs, secrets }: ChannelParts): ChannelPlan[] {
  const { webhook, telegram, timeout_ms: timeoutMs, log: written } = config.alerts
  const common = { timers, timeoutMs, wallMs, source: `ringmaster ${config.mode} on ${config.venue}`, hide: redactor([...alertSecrets(config), ...secrets]) }
  const plans: ChannelPlan[] = [plan(new LogChannel(log), written)]
  if (webhook.url !== 'off') plans.push(plan(new WebhookChannel({ ...common, url: webhook.url, token: webhook.token === 'off' ? '' : webhook.token }), webhook))
  if (telegram.token !== 'off') plans.push(plan(new TelegramChannel({ ...common, apiUrl: telegram.api_url, token: telegram.token, chatId: telegram.chat_id }), telegram))
  return plans
}

const plan = (channel: AlertChannel, { min_severity: minSeverity }: Pick<Config['alerts']['log'], 'min_severity'>): ChannelPlan => ({ channel, minSeverity })

export function laneLimits({ alerts }: Pick<Config, 'alerts'>): LaneLimits {
  const { per_key: key, per_channel: channel, backoff } = alerts
  return {
    key: { burst: key.burst, everyMs: key.every_s * 1000, quietMs: key.quiet_s * 1000, keysMax: KEYS_MAX },
    burst: channel.burst,
    everyMs: channel.every_s * 1000,
    queueMax: alerts.queue_max,
    backoffMs: backoff.initial_ms,
    backoffMaxMs: backoff.max_ms,
    giveUpMs: alerts.give_up_s * 1000,
  }
}

export function conditionSettings({ alerts, freshness }: Pick<Config, 'alerts' | 'freshness'>): ConditionSettings {
  return {
    priceAgeMs: freshness.other_ms,
    staleMs: alerts.stale_s * 1000,
    notReadyMs: alerts.not_ready_s * 1000,
    archiveMs: alerts.archive_s * 1000,
    modelDownMs: alerts.model_down_s * 1000,
    manipulationPercent: alerts.manipulation_percent,
    consensusPercent: alerts.consensus_percent,
  }
}
