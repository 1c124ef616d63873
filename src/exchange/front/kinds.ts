export const CONNECTION_KINDS = ['public', 'private', 'trade'] as const
export type ConnectionKind = (typeof CONNECTION_KINDS)[number]

/** Commands that a fault can hit; `any` takes the next one of whatever kind. */
export const COMMAND_KINDS = ['create', 'amend', 'cancel', 'any'] as const
export type CommandKind = (typeof COMMAND_KINDS)[number]

/** Where a signature is refused. */
export const SIGN_INS = ['any', 'rest', 'stream'] as const
export type SignIn = (typeof SIGN_INS)[number]

export const FRAME_ACTIONS = ['drop', 'duplicate', 'reorder', 'delay', 'cut', 'damage'] as const
export type FrameAction = (typeof FRAME_ACTIONS)[number]

/** What happens to a frame on its way to clients. */
export interface FrameFault {
  readonly action: FrameAction
  readonly connection: ConnectionKind | 'all'
  /** Text that a frame must contain to be hit; "" hits any. */
  readonly match: string
  /** For `delay`. */
  readonly delayMs: number
  /** Character at which `cut` and `damage` strike, modulo the length of the frame. */
  readonly at: number
  /** 0 to 6, for `damage`. */
  readonly bit: number
}
