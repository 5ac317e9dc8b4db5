import { Type } from '../../../core/schema.ts'
import { duration } from '../../../core/distributions/value.ts'
import { flag, integer, number, section } from './setting.ts'

/** The gateway of language models, and the server with continuous batching that it stands for. */
export const LlmConfiguration = section({
  enabled: flag(false, 'Whether /v1/chat/completions, /v1/responses and /v1/models are served. Read at the start.'),
  models: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
    minItems: 1,
    maxItems: 100,
    default: ['loadcell-1'],
    description: 'Names of the models. All of them share one server.',
  }),
  prefillPerToken: duration('0.05ms', 'Time that a step takes for each prompt token that it reads.'),
  stepBase: duration('8ms', 'Time that every step takes, whatever is in its batch.'),
  stepPerSequence: duration('0.25ms', 'Time that a step takes for each sequence that gets a token in it.'),
  stepTokens: integer(
    [1, 10_000_000],
    2048,
    'Maximum number of tokens in one step: one for each sequence that is decoded, the rest for prompts. A longer prompt is read in several steps.',
  ),
  maxBatch: integer([1, 100_000], 32, 'Maximum number of sequences in the batch.'),
  kvTokens: integer(
    [1, 1_000_000_000],
    131_072,
    'Tokens that the key-value cache holds. A request takes its prompt and the most tokens that it may get, from its admission to its end.',
  ),
  contextTokens: integer([1, 10_000_000], 16_384, 'Maximum number of tokens of a prompt and one completion together.'),
  queue: integer(
    [0, 1_000_000],
    256,
    'Maximum number of requests that wait for a place in the batch; one more is refused with model_overloaded.',
  ),
  leastCompletionTokens: integer([1, 1_000_000], 16, 'Shortest completion that ends by itself.'),
  mostCompletionTokens: integer([1, 1_000_000], 256, 'Longest completion that ends by itself.'),
  toolCallShare: number(
    [0, 1],
    0.5,
    'Share of the requests with tools and tool_choice auto that are answered by a call.',
  ),
  failureRate: number(
    [0, 1],
    0,
    'Share of the completions that fail in the middle: a stream with an event that says so, others with completion_failed.',
  ),
  requestsPerMinute: integer([0, 1_000_000_000], 0, 'Requests that a caller may send a minute; 0: any number.'),
  tokensPerMinute: integer(
    [0, 1_000_000_000],
    0,
    'Tokens that a caller may use a minute, counted at the start of a request as its prompt and the most tokens that it may get; 0: any number.',
  ),
  callers: integer(
    [1, 1_000_000],
    10_000,
    'Maximum number of callers whose use is kept. Beyond it, the least recently seen are forgotten.',
  ),
  unreadBytes: integer(
    [1024, 1_073_741_824],
    262_144,
    'Bytes of a stream that may wait for a client that does not read. Beyond them, the stream is cut.',
  ),
  unreadAge: duration(
    '30s',
    'Time that a client may leave the tokens of a stream unread. After it, the stream is cut.',
  ),
})
