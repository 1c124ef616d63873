import { z } from 'zod'
import { port, setting, text, whole } from './fields.ts'

/** The gateway: HTTP API, live socket and dashboard. */
export const gatewaySections = {
  gateway: z
    .strictObject({
      enabled: setting(z.boolean().default(true), 'Serve the API, the live socket and the dashboard, from a process of their own.'),
      host: setting(text().default('127.0.0.1'), 'Address of the gateway. Behind anything but loopback belongs a proxy that speaks TLS.', { allowed: 'address of this machine' }),
      port: setting(port().default(8000), 'Port of the gateway; 0 takes any free one. A taken port keeps the gateway away, not the engine.'),
      password: setting(z.string().min(1).max(256).default('auto'), 'Password of the operator; auto makes one at the first start and prints it once. Another one here replaces the one that is kept.', { env: 'APP_PASSWORD', secret: true, allowed: '"auto", or 1 to 256 characters' }),
      secret_key: setting(z.string().regex(/^(auto|.{16,256})$/).default('auto'), 'Mixed into the key that signs access tokens; another one ends all sessions. The key itself is kept in the data folder.', { env: 'SECRET_KEY', secret: true, allowed: '"auto", or 16 to 256 characters' }),
      cors_origins: setting(z.array(z.string().regex(/^https?:\/\/[^/\s]+$/)).default([]), 'Other origins whose pages may call, such as https://desk.example.org. The dashboard of the gateway itself needs none.', { allowed: 'origins, without a path' }),
      access_token_s: setting(whole(30, 86_400).default(600), 'Life of an access token, in seconds.'),
      session_h: setting(whole(1, 8760).default(168), 'Hours without use after which a session ends.'),
      login_attempts: setting(whole(1, 100).default(5), 'Wrong passwords of one address until the login is closed to it.'),
      lockout_s: setting(whole(1, 86_400).default(60), 'For how long, in seconds; doubled with each further time, up to an hour.'),
      calls_per_minute: setting(whole(10, 1_000_000).default(1200), 'Calls of one address within a minute; more are turned away.'),
      sockets_max: setting(whole(1, 100_000).default(1000), 'Live sockets at once.'),
      orders_kept: setting(whole(100, 1_000_000).default(20_000), 'Newest orders, and closed positions, that can be listed; older ones are in the database and the CSV files.'),
      traces_kept: setting(whole(0, 100_000).default(2000), 'Newest decisions whose features and prices are kept for the story of an order.'),
    })
    .prefault({}),
}
