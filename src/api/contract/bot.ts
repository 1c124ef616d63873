import { z } from 'zod'
import { decimal, pageQuery, strategyName, timeMs, why } from './scalars.ts'
import { alertSeverity, healthStatus } from './health.ts'

const text = z.string()

/** The kill switch: while engaged nothing increases exposure; positions are watched and closed as ever. */
export const killState = z.object({
  engaged: z.boolean(),
  by: text,
  code: text,
  reason: text,
  sinceMs: timeMs.nullable(),
  flatten: z.boolean(),
  values: z.record(text, text),
  dayLoss: z.number().nullable(),
  drawdownPercent: z.number().nullable(),
})
export type KillState = z.output<typeof killState>

export const botStates = ['down', 'starting', 'trading', 'stopped', 'stopping'] as const
/** `trading`, or why not: `stopped` by the kill switch, `starting` until the books agree with the venue, `down` without an engine. */
export const botStatus = z.object({
  state: z.enum(botStates),
  mode: text,
  venue: text,
  version: text,
  status: healthStatus,
  reasons: z.array(text),
  ready: z.boolean(),
  symbols: z.array(text),
  uptimeMs: z.number(),
  epoch: z.number(),
  kill: killState,
  watchdog: z.object({ state: text, silentMs: z.number(), flatten: z.boolean(), lastAction: text }).nullable(),
})
export type BotStatus = z.output<typeof botStatus>

export const whyBody = z.strictObject({ why })
/** Stopping is the kill switch; `flatten` closes all positions too. */
export const stopBody = z.strictObject({ why, flatten: z.boolean().default(false) })
/** `force` overrules causes that still stand. */
export const startBody = z.strictObject({ why, force: z.boolean().default(false) })
/** It is on the disk, told to the engine, or both. */
export const killAnswer = z.object({ accepted: z.literal(true), id: text, kept: z.boolean(), told: z.boolean() })
export const released = z.object({ released: z.literal(true) })

/** The configuration in force, secrets masked: `path` → value, and where it came from. */
export const botConfig = z.object({ settings: z.array(z.object({ path: text, value: z.unknown(), source: text, meaning: text, secret: z.boolean() })) })
export type BotConfig = z.output<typeof botConfig>

export const limitBody = z.strictObject({ value: decimal, why })
export const limitParams = z.object({ limit: z.string().regex(/^[a-z_]{1,60}$/) })

export const auditRow = z.object({ id: text, atMs: timeMs, user: text, action: text, target: text, why: text, answer: text, requestId: text, ip: text })
export const auditQuery = z.object(pageQuery)
export const alertsQuery = z.object({ severity: alertSeverity.optional(), ...pageQuery })

export const strategyParams = z.object({ strategy: strategyName, setting: z.string().regex(/^[a-z_0-9]{1,40}$/) })
/** `enabled` takes true or false, every other setting a number. */
export const strategyBody = z.strictObject({ value: z.union([z.boolean(), z.number()]), why })
export const groupParams = z.object({ group: z.string().regex(/^[a-z]{1,20}$/) })
export const requestAnswer = z.object({ accepted: z.literal(true), request: text })
