import { distribution } from '../../../core/distributions/value.ts'
import { choice, integer, number, section } from './setting.ts'
import { slowConsumerPolicies } from '../../../contract/streams.ts'

export const OrdersConfiguration = section({
  kept: integer(
    [1, 10_000_000],
    50_000,
    'Maximum number of orders kept besides the seeded ones, over all tenants. Beyond it, the oldest are forgotten.',
  ),
})

export const CatalogConfiguration = section({
  products: integer([1, 1_000_000], 1000, 'Number of products in the catalog; their ids start at 1.'),
})

export const TasksConfiguration = section({
  seeded: integer([0, 100_000], 300, 'Tasks every tenant has from the start.'),
  kept: integer(
    [1, 1_000_000],
    20_000,
    'Maximum number of tasks of a tenant. Beyond it, the oldest that clients created are forgotten.',
  ),
})

export const ReportsConfiguration = section({
  workers: integer([1, 1000], 8, 'Maximum number of reports that are made at the same time.'),
  duration: distribution({ type: 'uniform', min: '500ms', max: '3s' }, 'Time a worker takes for a report.'),
  failureRate: number([0, 1], 0, 'Share of reports that fail.'),
  queue: integer([0, 1_000_000], 1000, 'Reports that may wait for a worker; one more is refused with queue_full.'),
  kept: integer(
    [1, 1_000_000],
    10_000,
    'Maximum number of finished reports kept. Beyond it, the oldest are forgotten.',
  ),
})

export const ChatConfiguration = section({
  channels: integer(
    [1, 1_000_000],
    10_000,
    'Maximum number of channels kept, over all tenants. Beyond it, the channels that have been empty the longest are forgotten with their history.',
  ),
  historyMessages: integer([0, 100_000], 100, 'Messages kept per channel.'),
  historyBytes: integer([0, 1_073_741_824], 16_384, 'Bytes of messages kept per channel.'),
})

export const NotificationsConfiguration = section({
  push: choice(
    ['idle', 'interval', 'on_event'],
    'idle',
    'When notifications are pushed: idle, to a client that has been silent for idleMs; interval, on each topic at its own times; on_event, when an order event is published.',
  ),
  idleMs: integer([1, 86_400_000], 10_500, 'With push: idle, milliseconds of silence of the client before each push.'),
  firstIdleMs: integer(
    [1, 86_400_000],
    1500,
    'Milliseconds of silence after a subscription before the first push with push: idle; at most idleMs. After any later frame of the client, idleMs applies.',
  ),
  interval: distribution(
    { type: 'exponential', mean: '5s' },
    'Time between two pushes on a topic with push: interval.',
  ),
  topics: integer(
    [1, 10_000_000],
    100_000,
    'Maximum number of topics kept, over all tenants. Beyond it, the topics that have been without followers the longest are forgotten, and their sequences begin again at 1.',
  ),
})

export const QuotesConfiguration = section({
  rate: number([0, 1000], 10, 'Quotes per second for each symbol that has followers; 0 = off.'),
  policy: choice(
    slowConsumerPolicies,
    'conflate',
    'What happens when the outbound budget of a client of quotes is spent; conflate keeps the newest of each symbol.',
  ),
})

export const CollaborationConfiguration = section({
  documents: integer(
    [1, 1_000_000],
    1000,
    'Maximum number of documents kept, over all tenants. Beyond it, the documents that have been empty the longest are forgotten.',
  ),
  documentChars: integer([1, 16_777_216], 1_000_000, 'Maximum length of a document in characters.'),
  historyOperations: integer(
    [1, 100_000],
    1000,
    'Maximum number of operations kept for each document, for clients that resume or edit an older version.',
  ),
  memoryBytes: integer(
    [65_536, 17_179_869_184],
    67_108_864,
    'Limit in bytes on texts and operations, over all documents. Beyond it, documents without participants are forgotten, then operations.',
  ),
})
