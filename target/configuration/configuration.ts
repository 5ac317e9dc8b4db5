import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
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
import { GraphqlConfiguration } from './schema/graphql.ts'
import { GrpcConfiguration } from './schema/grpc.ts'
import { HttpConfiguration, RateLimitsConfiguration } from './schema/http.ts'
import { Http2Configuration, TlsConfiguration } from './schema/tls.ts'
import { duration } from '../../core/distributions/value.ts'
import { LlmConfiguration } from './schema/llm.ts'
import { choice, integer, section } from './schema/setting.ts'
import { SocketioConfiguration } from './schema/socketio.ts'
import { StompConfiguration } from './schema/stomp.ts'

export const MemoryConfiguration = section({
  budgetBytes: integer(
    [0, 1_099_511_627_776],
    0,
    'Limit in bytes on all the memory that clients can fill; 0: 15 % of the container’s or machine’s memory, at most 30 % of V8’s heap limit.',
  ),
})

export const LedgerConfiguration = section({
  runs: integer([1, 1000], 32, 'Maximum number of runs kept. Beyond it, the oldest is forgotten.'),
  records: integer([0, 10_000_000], 100_000, 'Maximum number of records of single requests kept, over all runs.'),
  details: Type.Boolean({
    default: false,
    description:
      'Whether records keep the URL, connection, caller, trace and digests of each request, for a review of the client.',
  }),
  consumers: integer([0, 1_000_000], 20_000, 'Maximum number of consumers with an account of their own, per run.'),
  lateAfter: duration('50ms', 'Event-loop delay above which a record is marked late.'),
})

/** The whole configuration of the target: every key, its bounds and its default. */
export const Configuration = section({
  seed: integer([0, 4_294_967_295], 1, 'Seeds everything the target makes up.'),
  http: HttpConfiguration,
  tls: TlsConfiguration,
  http2: Http2Configuration,
  control: section({
    port: integer(
      [0, 65535],
      0,
      'Separate port for the control plane and /metrics, on the same host; 0: the same port as everything else.',
    ),
    token: Type.String({
      default: '',
      description: 'Bearer token of the control plane; empty: loopback clients only.',
    }),
    viewToken: Type.String({
      default: '',
      description: 'Bearer token of people who may look at the live page and change nothing; empty: there are none.',
    }),
  }),
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
  llm: LlmConfiguration,
  graphql: GraphqlConfiguration,
  stomp: StompConfiguration,
  grpc: GrpcConfiguration,
  socketio: SocketioConfiguration,
  faults: FaultsConfiguration,
  feed: FeedConfiguration,
  ledger: LedgerConfiguration,
  memory: MemoryConfiguration,
  log: section({
    level: choice(['silent', 'error', 'warn', 'info', 'debug'], 'info', 'Least severe level that is logged.'),
  }),
})
export type Configuration = Static<typeof Configuration>
