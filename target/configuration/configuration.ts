import { type Static, Type } from 'typebox'
import { AuthConfiguration } from './schema/auth.ts'
import {
  CatalogConfiguration,
  ChatConfiguration,
  CollaborationConfiguration,
  NotificationsConfiguration,
  OrdersConfiguration,
  QuotesConfiguration,
  ReportsConfiguration,
  TasksConfiguration,
} from './schema/domain.ts'
import {
  EventsConfiguration,
  FeedConfiguration,
  SocketsConfiguration,
  StreamsConfiguration,
} from './schema/streaming.ts'
import { FaultsConfiguration } from '../../contract/faults/configuration.ts'
import { HttpConfiguration, RateLimitsConfiguration } from './schema/http.ts'
import { duration } from '../../core/distributions/value.ts'
import { closed } from '../../core/check.ts'

export const MemoryConfiguration = Type.Object(
  {
    budgetBytes: Type.Integer({
      minimum: 0,
      maximum: 1_099_511_627_776,
      default: 0,
      description:
        'Limit in bytes on all the memory that clients can fill; 0: 15 % of the container’s or machine’s memory, at most 30 % of V8’s heap limit.',
    }),
  },
  closed,
)

export const LedgerConfiguration = Type.Object(
  {
    runs: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 32,
      description: 'Most runs kept. Beyond it, the oldest is forgotten.',
    }),
    records: Type.Integer({
      minimum: 0,
      maximum: 10_000_000,
      default: 100_000,
      description: 'Most records of single requests kept, over all runs.',
    }),
    details: Type.Boolean({
      default: false,
      description:
        'Whether records keep the URL, connection, caller and digests of each request, for a review of the client.',
    }),
    consumers: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 20_000,
      description: 'Most consumers with an account of their own, per run.',
    }),
    lateAfter: duration('50ms', 'Event-loop delay above which a record is marked late.'),
  },
  closed,
)

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
          description: 'Least severe level that is logged.',
        }),
      },
      closed,
    ),
  },
  closed,
)
export type Configuration = Static<typeof Configuration>
