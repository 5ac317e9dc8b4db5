import { formatNumber, formatShare } from '../../../core/number-format.ts'
import type { CapacityProbe, CapacityResult } from '../../capacity/capacity-result.ts'
import { formatMs, formatQuantity } from '../quantity.ts'
import { type Paint, paintFor, plain, wrapped } from '../terminal.ts'
import { curvePicture } from './picture.ts'
import { answerOf, findingsOf, formatLoad } from './words.ts'

const WIDTH = 80
const NAME_WIDTH = 18

/** Returns a search for a terminal. */
export function capacityLines(
  result: CapacityResult,
  { stream = process.stdout }: { stream?: NodeJS.WritableStream } = {},
): string[] {
  const paint = paintFor(stream)
  const { word, sentence } = answerOf(result)
  const isFound = result.capacity !== undefined
  return [
    '',
    paint('bold', plain(`${result.subject.scenario}: ${word}`)),
    ...wrapped(plain(sentence), WIDTH).map(line => paint(isFound ? 'green' : 'yellow', line)),
    '',
    ...curvePicture(result),
    ...findingsOf(result).flatMap(([name, text]) => findingLines(name, plain(text), paint)),
    '',
  ]
}

function findingLines(name: string, text: string, paint: Paint): string[] {
  return wrapped(text, WIDTH - NAME_WIDTH).map(
    (line, at) => `${paint('dim', (at === 0 ? name : '').padEnd(NAME_WIDTH))}${line}`,
  )
}

const marks: Record<CapacityProbe['state'], { sign: string; word: string; style: 'green' | 'red' | 'yellow' }> = {
  meets: { sign: '✓', word: 'meets it', style: 'green' },
  fails: { sign: '✗', word: 'fails', style: 'red' },
  growing: { sign: '✗', word: 'fails: its queue grows', style: 'red' },
  unclear: { sign: '?', word: 'too close to call', style: 'yellow' },
  generator_limit: { sign: '!', word: 'invalid: the generator was the bottleneck', style: 'yellow' },
  ended: { sign: '!', word: 'ended early', style: 'yellow' },
}

export function probeWord({ state }: Pick<CapacityProbe, 'state'>): string {
  return marks[state].word
}

/** Returns a probe in a line: its load, the observed values of the conditions, the verdict. */
export function probeLine(
  probe: CapacityProbe,
  ordinal: number,
  subject: Pick<CapacityResult['subject'], 'unit'>,
  { stream = process.stdout }: { stream?: NodeJS.WritableStream } = {},
): string {
  const { sign, word, style } = marks[probe.state]
  const observed = probe.slo
    .map(({ metric, expression, observed, unit }) => {
      const [aggregation = ''] = expression.trim().split(/[<>=!]/)
      return `${plain(metric)} ${aggregation.trim()} ${observed === undefined ? 'no data' : formatQuantity(observed, unit)}`
    })
    .join(', ')
  const unsteady = probe.steadiness.state === 'steady' ? '' : ` · ${probe.steadiness.state}`
  const load = formatLoad(probe.load, subject)
  return paintFor(stream)(
    style,
    `${sign} ${String(ordinal).padStart(2)}  ${load.padStart(9)}  ${observed} · ${formatNumber(probe.requestsPerSecond)} requests/s, p95 ${formatMs(probe.response.p95Ms)}${probe.failedShare > 0 ? `, ${formatShare(probe.failedShare)} failed` : ''}${unsteady} · ${word}`,
  )
}
