import { distribution } from '../../../core/distributions/value.ts'
import { closed } from '../../../core/check.ts'
import { slowConsumerPolicies } from '../../../contract/streams.ts'
import { Type } from 'typebox'

export const OrdersConfiguration = Type.Object(
  {
    kept: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 50_000,
      description: 'Most orders kept besides the seeded ones, over all tenants. Beyond it, the oldest are forgotten.',
    }),
  },
  closed,
)

export const CatalogConfiguration = Type.Object(
  {
    products: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description: 'Products in the catalog; their ids go from 1 to this.',
    }),
  },
  closed,
)

export const TasksConfiguration = Type.Object(
  {
    seeded: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 300,
      description: 'Tasks every tenant has from the start.',
    }),
    kept: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20_000,
      description: 'Most tasks of a tenant. Beyond it, the oldest that clients created are forgotten.',
    }),
  },
  closed,
)

export const ReportsConfiguration = Type.Object(
  {
    workers: Type.Integer({ minimum: 1, maximum: 1000, default: 8, description: 'Reports that are made at once.' }),
    duration: distribution({ type: 'uniform', min: '500ms', max: '3s' }, 'Time a worker takes for a report.'),
    failureRate: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'Share of reports that fail.' }),
    queue: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 1000,
      description: 'Reports that may wait for a worker; one more is refused with queue_full.',
    }),
    kept: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Most finished reports kept. Beyond it, the oldest are forgotten.',
    }),
  },
  closed,
)

export const ChatConfiguration = Type.Object(
  {
    channels: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description:
        'Most channels kept, over all tenants. Beyond it, the channels that have been empty the longest are forgotten with their history.',
    }),
    historyMessages: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 100,
      description: 'Messages kept per channel.',
    }),
    historyBytes: Type.Integer({
      minimum: 0,
      maximum: 1_073_741_824,
      default: 16_384,
      description: 'Bytes of messages kept per channel.',
    }),
  },
  closed,
)

export const NotificationsConfiguration = Type.Object(
  {
    push: Type.Enum(['idle', 'interval', 'on_event'], {
      default: 'idle',
      description:
        'When something is pushed: idle, to a client that has been silent for idleMs; interval, on each topic by itself; on_event, when an order event is published.',
    }),
    idleMs: Type.Integer({
      minimum: 1,
      maximum: 86_400_000,
      default: 10_500,
      description: 'With push: idle, milliseconds of silence of the client before each push.',
    }),
    firstIdleMs: Type.Integer({
      minimum: 1,
      maximum: 86_400_000,
      default: 1500,
      description:
        'Milliseconds of silence after a subscription before the first push with push: idle; at most idleMs. After any later frame of the client, idleMs applies.',
    }),
    interval: distribution(
      { type: 'exponential', mean: '5s' },
      'Time between two pushes on a topic with push: interval.',
    ),
    topics: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 100_000,
      description:
        'Most topics kept, over all tenants. Beyond it, the topics that have been without followers the longest are forgotten, and their sequences begin again at 1.',
    }),
  },
  closed,
)

export const QuotesConfiguration = Type.Object(
  {
    rate: Type.Number({
      minimum: 0,
      maximum: 1000,
      default: 10,
      description: 'Quotes per second for each symbol that has followers; 0 = off.',
    }),
    policy: Type.Enum([...slowConsumerPolicies], {
      default: 'conflate',
      description:
        'What happens when the outbound budget of a client of quotes is spent; conflate keeps the newest of each symbol.',
    }),
  },
  closed,
)

export const CollaborationConfiguration = Type.Object(
  {
    documents: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description:
        'Most documents kept, over all tenants. Beyond it, the documents that have been empty the longest are forgotten.',
    }),
    documentChars: Type.Integer({
      minimum: 1,
      maximum: 16_777_216,
      default: 1_000_000,
      description: 'Longest text of a document.',
    }),
    historyOperations: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Most operations kept for each document, for clients that resume or edit an older version.',
    }),
    memoryBytes: Type.Integer({
      minimum: 65_536,
      maximum: 17_179_869_184,
      default: 67_108_864,
      description:
        'Limit in bytes on texts and operations, over all documents. Beyond it, documents without participants are forgotten, then operations.',
    }),
  },
  closed,
)
