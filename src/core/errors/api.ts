import { defineErrors } from './define.ts'

export const apiErrors = defineErrors({
  RM_API_REQUEST: { action: 'reject', message: 'the request does not fit {what}: {problem}' },
  RM_API_UNAUTHORISED: { action: 'reject', message: 'sign in first: {problem}' },
  RM_API_TOKEN_EXPIRED: { action: 'retry', message: 'the access token has expired: take a new one with POST /auth/refresh' },
  RM_API_REFRESH_REUSED: { action: 'reject', message: 'this refresh token was used before: its session has ended, sign in again' },
  RM_API_PASSWORD: { action: 'reject', message: 'the password is wrong' },
  RM_API_ORIGIN: { action: 'reject', message: 'calls from {origin} are not taken: list it in gateway.cors_origins' },
  RM_API_PAPER_ONLY: { action: 'reject', message: '{what} is there in paper mode only' },
  RM_API_NOT_FOUND: { action: 'reject', message: 'there is no {what} "{id}"' },
  RM_API_REFUSED: { action: 'reject', message: '{what} was refused: {reason}' },
  RM_API_TOO_LARGE: { action: 'reject', message: 'the request has more than {max} bytes' },
  RM_API_MEDIA_TYPE: { action: 'reject', message: 'a body has the content type application/json, not {found}' },
  RM_API_RATE: { action: 'retry', message: 'more than {max} calls within a minute' },
  RM_API_LOCKED: { action: 'retry', message: 'too many wrong passwords: the login is closed for {seconds} s' },
  RM_API_INTERNAL: { action: 'retry', message: 'the gateway failed at this request; its log says why under {requestId}' },
  RM_API_VENUE: { action: 'retry', message: 'the venue did not answer {what}: {reason}' },
  RM_API_ENGINE_AWAY: { action: 'retry', message: '{what} is not known now: {reason}' },
  RM_API_CREDENTIALS: { action: 'halt', message: 'the file of the operator {file} {problem}: mend it, or remove it for a new password' },
  RM_API_LINK: { action: 'retry', message: 'the link to the engine: {problem}' },
})
