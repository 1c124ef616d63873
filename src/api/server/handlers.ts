import type { RouteName } from '../contract/index.ts'
import type { Desk } from '../desk/index.ts'
import { authRoutes } from './auth-routes.ts'
import { botRoutes } from './bot-routes.ts'
import { dataRoutes } from './data-routes.ts'
import { engineRoutes } from './engine-routes.ts'
import type { Handlers } from './handler.ts'
import { supervisorRoutes } from './supervisor-routes.ts'
import { tradingRoutes } from './trading-routes.ts'

/** What answers each route of the contract: all of them, or it does not compile. */
export const allHandlers = (desk: Desk): Handlers<RouteName> => ({ ...authRoutes(desk), ...supervisorRoutes(desk), ...botRoutes(desk), ...dataRoutes(desk), ...tradingRoutes(desk), ...engineRoutes(desk) })
