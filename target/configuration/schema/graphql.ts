import { duration } from '../../../core/distributions/value.ts'
import { flag, integer, section } from './setting.ts'

export const GraphqlConfiguration = section({
  enabled: flag(
    false,
    'Serve GraphQL at /graphql, /graphql/stream and /graphql/subscriptions; needs the package graphql.',
  ),
  introspection: flag(true, 'Whether clients may ask for the schema.'),
  depth: integer([1, 100], 12, 'Maximum number of levels of fields in an operation, without those of introspection.'),
  cost: integer(
    [1, 10_000_000],
    10_000,
    'Maximum cost of an operation: the number of fields that it may produce, as its limits say.',
  ),
  aliases: integer(
    [0, 10_000],
    50,
    'Maximum number of aliases in an operation, each counted as often as its fragment is used.',
  ),
  tokens: integer([10, 100_000], 2000, 'Maximum number of tokens in a document.'),
  documents: integer(
    [0, 1_000_000],
    1000,
    'Documents remembered, so that each is parsed and validated once. Beyond it, the least recently used are forgotten.',
  ),
  initTimeout: duration('3s', 'Time for the connection_init of a WebSocket; then it is closed with 4408.'),
})
