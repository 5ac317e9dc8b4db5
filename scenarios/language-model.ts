/**
 * People ask a language model, and its server reads their prompts and writes its answers in one batch.
 *
 * The server gives a token to everybody in its batch at each step, and a step takes little longer for thirty answers than for one. So
 * more users mean more tokens a second, and each user waits a little longer for each token. That ends when the batch is full: from this
 * knee on, the tokens a second stay the same, and new requests wait in a queue. Then the time to the first token grows without a limit,
 * while the time from token to token stays as it was. `llm_goodput` is the share of the answers that met the objective. Find the knee:
 * `loadcell capacity language-model --slo 'llm_goodput rate>0.95'`, and try `--target-set llm.maxBatch=4`.
 */
import { randomInteger, scenario, user } from 'loadcell'

const QUESTIONS = [
  'What does a load test show that a unit test cannot?',
  'Explain the difference between an open and a closed model of load in three sentences.',
  'Why does the time to the first token grow before the time between tokens does?',
] as const

/** A long document that some users ask about: reading it delays the answers of everybody. */
const DOCUMENT = 'The queue grows while the batch is full, and it drains when answers end. '.repeat(60)

export default scenario({
  description: '12 questions a second to a language model: time to first token, time between tokens, and goodput.',

  target: { 'llm.enabled': true },

  llm: { goodput: { ttft: '500ms', tpot: '30ms' } },

  load: { executor: 'constant-arrival-rate', rate: 12, duration: '20s', arrivals: 'poisson', preAllocatedVUs: 60 },

  users: [
    user('asker', {
      tasks: {
        'short question': {
          weight: 4,
          async run({ llm, random, check }) {
            const messages = QUESTIONS[randomInteger(random, QUESTIONS.length)]!
            const answer = await llm.chat({ model: 'loadcell-1', messages, maxTokens: 160 })
            check(answer, {
              'is complete': ({ ok, finishReason }) => ok && (finishReason === 'stop' || finishReason === 'length'),
              'says what it cost': ({ promptTokens, completionTokens }) => promptTokens > 0 && completionTokens > 0,
            })
          },
        },
        'question about a document': {
          weight: 1,
          async run({ llm, check }) {
            const input = `${DOCUMENT}\nSummarise this.`
            const answer = await llm.respond({ model: 'loadcell-1', input, maxTokens: 80 })
            check(answer, { 'is complete': ({ ok }) => ok })
          },
        },
      },
    }),
  ],

  thresholds: {
    llm_time_to_first_token: ['p(95)<500'],
    llm_inter_token_latency: ['p(90)<40', 'p(99)<150'],
    llm_goodput: ['rate>0.95'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
