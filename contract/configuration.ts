import { Type, type Static } from 'typebox'
import { AuthConfiguration } from './configuration/auth.ts'
import { CatalogConfiguration } from './configuration/catalog.ts'
import { ChatConfiguration } from './configuration/chat.ts'
import { CollaborationConfiguration } from './configuration/collaboration.ts'
import { EventsConfiguration } from './configuration/events.ts'
import { FaultsConfiguration } from './configuration/faults.ts'
import { FeedConfiguration } from './configuration/feed.ts'
import { HttpConfiguration } from './configuration/http.ts'
import { LedgerConfiguration } from './configuration/ledger.ts'
import { MemoryConfiguration } from './configuration/memory.ts'
import { NotificationsConfiguration } from './configuration/notifications.ts'
import { OrdersConfiguration } from './configuration/orders.ts'
import { QuotesConfiguration } from './configuration/quotes.ts'
import { RateLimitsConfiguration } from './configuration/rate-limits.ts'
import { ReportsConfiguration } from './configuration/reports.ts'
import { SocketsConfiguration } from './configuration/sockets.ts'
import { StreamsConfiguration } from './configuration/streams.ts'
import { TasksConfiguration } from './configuration/tasks.ts'
import { closed } from './configuration/value.ts'

/** The whole configuration of the target: every key, its bounds and its default. */
export const Configuration = Type.Object(
  {
    seed: Type.Integer({
      minimum: 0,
      maximum: 4_294_967_295,
      default: 1,
      description: 'Seeds everything the target makes up.',
    }),
    http: HttpConfiguration,
    control: Type.Object(
      {
        port: Type.Integer({
          minimum: 0,
          maximum: 65535,
          default: 0,
          description: 'Port of its own for the control plane and /metrics, on the same host; 0: that of all else.',
        }),
        token: Type.String({
          default: '',
          description: 'Bearer token of the control plane; empty: loopback clients only.',
        }),
      },
      closed,
    ),
    auth: AuthConfiguration,
    catalog: CatalogConfiguration,
    orders: OrdersConfiguration,
    tasks: TasksConfiguration,
    reports: ReportsConfiguration,
    rateLimits: RateLimitsConfiguration,
    events: EventsConfiguration,
    streams: StreamsConfiguration,
    sockets: SocketsConfiguration,
    chat: ChatConfiguration,
    notifications: NotificationsConfiguration,
    quotes: QuotesConfiguration,
    collaboration: CollaborationConfiguration,
    faults: FaultsConfiguration,
    feed: FeedConfiguration,
    ledger: LedgerConfiguration,
    memory: MemoryConfiguration,
    log: Type.Object(
      {
        level: Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], {
          default: 'info',
          description: 'Least severe line that is written.',
        }),
      },
      closed,
    ),
  },
  closed,
)
export type Configuration = Static<typeof Configuration>
