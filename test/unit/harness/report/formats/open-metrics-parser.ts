/** A sample of an exposition. */
export interface MetricSample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface MetricFamily {
  name: string
  type: string
  unit: string | undefined
  samples: MetricSample[]
}

/** Suffixes of the samples of each type, after the name of their family (OpenMetrics 1.0, section 5). */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['_bucket', '_sum', '_count'],
  info: ['_info'],
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = String.raw`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"`
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{((?:${LABEL}(?:,${LABEL})*)?)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`)

/** Parses the text format of OpenMetrics strictly. @throws Error at the first line that breaks a rule */
export function parseOpenMetrics(text: string): MetricFamily[] {
  if (!text.endsWith('# EOF\n')) throw new Error('the last line is not # EOF')
  const families: MetricFamily[] = []
  const seen = new Set<string>()
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const fail = (rule: string) => new Error(`${rule}: ${line}`)
    const [, word, name = '', rest = ''] = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.*)$`, 's').exec(line) ?? []
    let family = families.at(-1)
    if (word === 'TYPE') {
      if (families.some(each => each.name === name)) throw fail('a family is interrupted or repeated')
      if (suffixes[rest] === undefined) throw fail('the type is unknown')
      families.push({ name, type: rest, unit: undefined, samples: [] })
      continue
    }
    if (family === undefined) throw fail('there is no family')
    if (word !== undefined) {
      if (name !== family.name || family.samples.length > 0) throw fail('metadata is not at the head of its family')
      if (word === 'UNIT' && !name.endsWith(`_${rest}`)) throw fail('the name does not end with its unit')
      if (word === 'UNIT') family.unit = rest
      continue
    }
    const [, sample, inner = '', ...others] = SAMPLE.exec(line) ?? []
    if (sample === undefined) throw fail('this is no sample')
    const pairs = [...inner.matchAll(new RegExp(LABEL, 'g'))]
    const labels = Object.fromEntries(pairs.map(([, label, value]) => [label!, unescaped(value!)]))
    if (Object.keys(labels).length !== pairs.length) throw fail('a label is repeated')
    const suffix = sample.slice(family.name.length)
    if (!sample.startsWith(family.name) || !suffixes[family.type]!.includes(suffix))
      throw fail('it is not of its family')
    if (family.type === 'summary' && (suffix === '') !== (labels['quantile'] !== undefined)) throw fail('quantile')
    const key = `${sample} ${JSON.stringify(
      Object.entries(labels)
        .map(pair => pair.join())
        .toSorted((a, b) => (a < b ? -1 : 1)),
    )}`
    if (seen.has(key)) throw fail('a sample is repeated')
    seen.add(key)
    family.samples.push({ name: sample, labels, value: Number(others.at(-1)) })
  }
  return families
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\n"])/g, (_, character: string) => (character === 'n' ? '\n' : character))
}
