import { settings, type Setting } from './settings.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')
const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``)

function defaultOf(setting: Setting): string {
  if (setting.default === undefined) return setting.required ? 'required' : ''
  if (Array.isArray(setting.default)) return setting.default.length === 0 ? 'empty' : code(setting.default.join(', '))
  return code(typeof setting.default === 'string' ? setting.default : JSON.stringify(setting.default))
}

const row = (setting: Setting): string =>
  `| ${code(setting.path)} | ${code(setting.env ?? '')} | ${defaultOf(setting)} | ${cell(setting.allowed)} | ${setting.meaning}${setting.secret ? ' Secret.' : ''} |`

/** The reference page of the configuration, from the schema. */
export function renderConfigPage(): string {
  return `# Configuration

<!-- Written by \`node src/config/write-docs.ts\`; a test fails when it is out of date. -->

Ringmaster reads, each over the one before:

1. the defaults of the table below
2. \`config/default.yaml\`
3. \`config/local.yaml\`, if there is one: the place for your own values
4. \`.env\` in the working folder
5. environment variables; an empty one counts as not set
6. the command line: \`--pairs\`, \`--market\`, \`--set path=value\`

\`ringmaster config check\` reports every problem at once, with path, value, what is allowed and where it came from.
\`ringmaster config show --sources\` prints the effective values and the source of each; secrets are masked.
A change takes effect at the next start. Unknown keys are errors, in files, in \`RINGMASTER_*\` variables and on the command line.
Lists are written with commas in variables: \`TRADING_PAIRS=BTCUSDT,ETH-USDT\`.

Tables with \`<symbol>\` and \`<regime>\` have no variables; \`--set exit.by_regime.choppy.tp_percent=0.3\` reaches them.
A regime is \`trending\`, \`ranging\` or \`choppy\`. Every active symbol needs exit parameters in all three: either all
three in \`symbol_profiles.<symbol>\`, or none there and all three in \`exit.by_regime\`. A profile with only some of
them stops the start; numbers of two sources are never mixed.

| Path | Environment | Default | Allowed | Meaning |
|---|---|---|---|---|
${settings.map(row).join('\n')}
`
}
