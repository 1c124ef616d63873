import { type ReactNode, useState } from 'react'
import type { BotConfig } from '../../../../api/contract/index.ts'
import { api, setTheme, type Theme, useCall, useTheme } from '../../live/index.ts'
import { Button, byText, type Column, DataTable, Empty, Panel, Shown, Tag } from '../../ui/index.ts'
import { AuditPanel } from './audit-panel.tsx'
import { PasswordForm } from './password-form.tsx'

/** This browser, this account, and the configuration that is in force. */
export function Settings(): ReactNode {
  const config = useCall('botConfig', {}, false)
  return (
    <div className="page">
      <div className="page-head">
        <h1>Settings</h1>
      </div>
      <div className="settings-grid">
        <div className="stack">
          <Panel title="Password">
            <PasswordForm />
          </Panel>
          <Panel title="This browser">
            <ThisBrowser />
          </Panel>
        </div>
        <div className="stack">
          <Panel title="Configuration in force" flush>
            <Shown of={config} what="the configuration" lines={10}>
              {(known) => <Configuration config={known} />}
            </Shown>
          </Panel>
          <AuditPanel />
        </div>
      </div>
    </div>
  )
}

function ThisBrowser(): ReactNode {
  const theme = useTheme((state) => state.theme)
  const choose = (name: Theme, text: string): ReactNode => (
    <Button pressed={theme === name} icon={name === 'dark' ? 'moon' : 'sun'} onPress={() => setTheme(name)}>
      {text}
    </Button>
  )
  return (
    <div className="stack">
      <div className="row" role="group" aria-label="Theme">
        {choose('dark', 'Dark')}
        {choose('light', 'Light')}
      </div>
      <p className="muted small">The session ends in this browser when you sign out, and in all others when the password changes.</p>
      <div>
        <Button icon="leave" onPress={() => void api.logout().catch(() => {})}>
          Sign out
        </Button>
      </div>
    </div>
  )
}

type Setting = BotConfig['settings'][number]

function Configuration({ config }: { readonly config: BotConfig }): ReactNode {
  const [words, setWords] = useState('')
  const wanted = words.trim().toLowerCase()
  const rows = config.settings.filter((setting) => setting.path.toLowerCase().includes(wanted) || setting.meaning.toLowerCase().includes(wanted) || setting.source.toLowerCase().includes(wanted))
  return (
    <>
      <div style={{ padding: 12 }}>
        <input className="input" type="search" placeholder={`Filter ${config.settings.length} settings by name, meaning or source`} aria-label="Filter settings" value={words} onChange={(event) => setWords(event.target.value)} />
      </div>
      <div className="signals">
        <DataTable label="Settings" columns={columns} rows={rows} keyOf={(row) => row.path} sorted={{ id: 'path', descending: false }} filled empty={<Empty icon="search" title="No setting fits" />} />
      </div>
    </>
  )
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const columns: readonly Column<Setting>[] = [
  { id: 'path', header: 'Setting', width: 230, grow: true, cell: (row) => <span className="strong small" title={row.meaning}>{row.path}</span>, compare: byText((row) => row.path) },
  { id: 'value', header: 'Value', width: 150, grow: true, cell: (row) => (row.secret ? <span className="muted">secret</span> : <span className="mono" title={textOf(row.value)}>{textOf(row.value)}</span>), compare: byText((row) => textOf(row.value)) },
  { id: 'source', header: 'From', width: 170, cell: (row) => <Tag tone={/^(?:default$|config\/default\.yaml)/.test(row.source) ? '' : 'accent'}>{row.source}</Tag>, compare: byText((row) => row.source) },
  { id: 'meaning', header: 'Meaning', width: 200, grow: true, cell: (row) => <span className="quiet small" title={row.meaning}>{row.meaning}</span> },
]
