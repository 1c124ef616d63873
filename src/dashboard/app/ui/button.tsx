import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'

export interface ButtonProps {
  readonly children?: ReactNode
  readonly icon?: IconName
  /** Name for those who do not see the icon; needed where there are no words. */
  readonly label?: string
  readonly look?: 'normal' | 'primary' | 'danger' | 'plain'
  readonly small?: boolean
  readonly disabled?: boolean
  /** Something is under way: it may not be pressed again, and says so. */
  readonly busy?: boolean
  readonly pressed?: boolean
  readonly type?: 'button' | 'submit'
  readonly onPress?: () => void
}

export function Button({ children, icon, label, look = 'normal', small = false, disabled = false, busy = false, pressed, type = 'button', onPress }: ButtonProps): ReactNode {
  const classes = ['button', look === 'normal' ? '' : look, small ? 'small' : '', children === undefined ? 'icon' : ''].filter((name) => name !== '').join(' ')
  return (
    <button
      type={type}
      className={classes}
      aria-label={label}
      title={children === undefined ? label : undefined}
      aria-pressed={pressed}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      onClick={(event) => {
        event.stopPropagation()
        onPress?.()
      }}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {busy ? <>{children} …</> : children}
    </button>
  )
}

export interface SwitchProps {
  readonly on: boolean
  readonly label: string
  readonly busy?: boolean
  readonly onChange: (on: boolean) => void
}

export function Switch({ on, label, busy = false, onChange }: SwitchProps): ReactNode {
  return <button type="button" role="switch" className="switch" aria-checked={on} aria-label={label} disabled={busy} onClick={() => onChange(!on)} />
}
