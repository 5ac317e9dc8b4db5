import { median } from '../../core/median.ts'
import { type FixedRequest, leanestGenerator } from '../processes/load.ts'
import { startChild } from '../processes/process.ts'
import { startTarget } from '../processes/target.ts'
import { atLeast, type Bench, figure, spread } from '../measurement/report.ts'
import { byName, interleave, ratios } from '../measurement/rounds.ts'
import { CONNECTIONS, serving } from '../contenders/serving.ts'

const PATH = '/v1/chat/completions'
const TOKENS = 200

const request: FixedRequest = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: 'loadcell-1',
    messages: [{ role: 'user', content: 'Hello there' }],
    stream: true,
    max_tokens: TOKENS,
    ignore_eos: true,
  }),
}

/** A language model that takes no time, so that only the work of the gateway remains. */
const timeless = { 'llm.enabled': 'true', 'llm.stepBase': '0', 'llm.stepPerSequence': '0', 'llm.prefillPerToken': '0' }
const roomy = { 'llm.maxBatch': '1000', 'llm.kvTokens': '100000000' }

export const tokens: Bench = {
  name: 'tokens',
  description: 'tokens of language-model streams: the target against a loop over ready-made chunks',
  async run(rounds) {
    const generator = await leanestGenerator()
    const target = await startTarget({ ...timeless, ...roomy })
    const floor = await startChild('server', 'floors/ready-tokens.ts', { chunks: await chunksOf(target.url) })
    try {
      const contenders = [
        ['target', target],
        ['ready-made', floor],
      ] as const
      const measured = contenders.map(([name, server]) =>
        serving(name, server, generator, { url: server.url + PATH, connections: CONNECTIONS, request }),
      )
      const readings = await interleave(measured, rounds)
      const perSecond = readings.map(turns => turns.map(({ requests, seconds }) => (requests * TOKENS) / seconds))
      const perCpuSecond = readings.map(turns =>
        turns.map(({ requests, serverCpuSeconds }) => (requests * TOKENS) / serverCpuSeconds),
      )
      const [ours = [], ready = []] = perCpuSecond
      return {
        tables: [
          {
            title: `streams of ${TOKENS} tokens over ${CONNECTIONS} connections by ${generator.name}`,
            columns: ['server', 'tokens/s', 'tokens per CPU second', '÷ ready-made'],
            rows: contenders.map(([name], index) => [
              name,
              figure(median(perSecond[index] ?? [])),
              figure(median(perCpuSecond[index] ?? [])),
              spread(ratios(perCpuSecond[index] ?? [], ready)),
            ]),
          },
        ],
        marks: [atLeast('tokens per CPU second ÷ ready-made chunks', ratios(ours, ready), 0.5)],
        notes: [
          'The model of the target takes no time here, so that every turn of its event loop is a step of the batch. Each step draws, writes and counts a token of each stream, in a chunk of its own.',
          'The floor writes the chunks of the target to all streams, one a turn. It reads no request and counts nothing.',
        ],
        readings: byName(measured, readings),
      }
    } finally {
      await Promise.all([target.stop(), floor.stop(), generator.stop()])
    }
  },
}

/** Returns the chunks of an answer of the target, one for each token, and one for its end. */
async function chunksOf(targetUrl: string): Promise<string[]> {
  const answer = await fetch(targetUrl + PATH, request)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the target answered ${PATH} with ${answer.status}: ${text}`)
  const events = text.split('\n\n').map(event => `${event}\n\n`)
  // The first token comes with the chunk before it, and the last one with those behind it.
  const first = events.slice(0, 2).join('')
  return [first, ...events.slice(2, TOKENS), events.slice(TOKENS).join('')]
}
