import { type ReactNode, useEffect, useId, useRef } from 'react'

export interface DialogProps {
  readonly title: string
  /** The whole window. */
  readonly full?: boolean
  /** The title stands in the content already, in an element with the id that is handed over. */
  readonly ownTitle?: boolean
  readonly onClose: () => void
  readonly children: ReactNode | ((titleId: string) => ReactNode)
}

/** A native modal dialog: focus stays inside, Escape closes it, and what had the focus gets it back. */
export function Dialog({ title, full = false, ownTitle = false, onClose, children }: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = element.current!
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog
      ref={element}
      className={full ? 'dialog full' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      {ownTitle ? (
        typeof children === 'function' ? children(id) : children
      ) : (
        <div className="dialog-form">
          <h2 id={id}>{title}</h2>
          {typeof children === 'function' ? children(id) : children}
        </div>
      )}
    </dialog>
  )
}
