import { fail } from '../../core/index.ts'
import type { Admission } from '../auth/index.ts'
import type { Session } from '../contract/index.ts'
import type { Desk } from '../desk/index.ts'
import { audited, type Call, type Handlers } from './handler.ts'

/** Sign in, stay signed in, leave. */
export function authRoutes(desk: Desk): Handlers<'login' | 'refresh' | 'logout' | 'verify' | 'changePassword'> {
  const { gate } = desk
  const admit = (call: Call, admission: Admission): Session => {
    call.keep(admission)
    return { accessToken: admission.accessToken, user: 'operator', expiresMs: admission.expiresMs }
  }
  return {
    login: ({ body }, call) => audited(desk, call, 'login', '', '', async () => admit(call, await gate.login(call.address, body.password))),
    async refresh(_input, call) {
      if (call.refreshToken === '') fail('RM_API_UNAUTHORISED', { problem: 'there is no refresh cookie' })
      try {
        return admit(call, await gate.refresh(call.refreshToken))
      } catch (error) {
        call.keep(null)
        throw error
      }
    },
    logout(_input, call) {
      if (call.refreshToken !== '') gate.logout(call.refreshToken)
      call.keep(null)
      return { accepted: true }
    },
    verify: (_input, call) => ({ user: 'operator', expiresMs: call.expiresMs }),
    changePassword: ({ body }, call) => audited(desk, call, 'change-password', '', '', async () => admit(call, await gate.changePassword(call.address, body.current, body.next))),
  }
}
