import { type ExposedSample, MalformedExposition, nameAt, parseSample } from './sample-line.ts'

/** Types of families, of both formats. */
const types = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'untyped',
  'unknown',
  'info',
  'stateset',
  'gaugehistogram',
] as const

export type FamilyType = (typeof types)[number]

/** A family of samples: its name is what `# TYPE` names. */
export interface SampleFamily {
  name: string
  type: FamilyType
}

export interface ExpositionOptions {
  /** Tells whether the samples of this name are read; the lines of others are skipped unchecked. Default: all. */
  isWanted?: ((sample: string, family: SampleFamily) => boolean) | undefined
  /** Maximum number of wanted samples that are read; the others are passed over and counted. Default: no limit. */
  mostSamples?: number
  /** Called with each sample that is wanted. */
  onSample: (sample: ExposedSample, family: SampleFamily) => void
}

/** Longer lines are refused, so that a page without line ends does not fill the memory. */
const LONGEST_LINE_CHARS = 65_536
/** Maximum number of lines, because each takes time of the load generator. */
const MOST_LINES = 200_000
/** Maximum number of different names that are remembered. */
const MOST_NAMES = 20_000

/** Suffixes of samples behind the name of their family, by its type. */
const suffixes: Readonly<Record<FamilyType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  info: ['_info'],
  stateset: [],
  unknown: [],
  untyped: [],
}

/**
 * Reads an exposition piece by piece, as it arrives, in the text format of Prometheus or of OpenMetrics. It keeps the types of
 * families and an unfinished line, and nothing else.
 */
export class ExpositionReader {
  readonly families = new Map<string, SampleFamily>()
  /** Number of wanted samples beyond the limit. */
  passedOver = 0
  readonly #options: ExpositionOptions
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  /** Families by the names of their samples, and whether these are wanted. */
  readonly #known = new Map<string, { family: SampleFamily; isWanted: boolean }>()
  #unfinished = ''
  #lines = 0
  #isEnded = false
  #samples = 0

  constructor(options: ExpositionOptions) {
    this.#options = options
  }

  /** @throws MalformedExposition */
  push(chunk: Uint8Array): void {
    const lines = `${this.#unfinished}${this.#decode(chunk)}`.split('\n')
    this.#unfinished = lines.pop()!
    for (const line of lines) this.#read(line)
    if (this.#unfinished.length > LONGEST_LINE_CHARS) this.#read(this.#unfinished)
  }

  /** Ends the exposition. @throws MalformedExposition also when there was nothing in it */
  end(): void {
    const last = `${this.#unfinished}${this.#decode()}`
    if (last.trim() !== '') this.#read(last)
    if (this.families.size === 0 && this.#known.size === 0) {
      throw new MalformedExposition('expected metrics in the text format of Prometheus, got none')
    }
  }

  #decode(chunk?: Uint8Array): string {
    try {
      return this.#decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw new MalformedExposition(`expected text in UTF-8, got other bytes behind line ${this.#lines}`)
    }
  }

  #read(line: string): void {
    this.#lines += 1
    if (this.#lines > MOST_LINES) throw new MalformedExposition(`expected at most ${MOST_LINES} lines, got more`)
    try {
      if (line.length > LONGEST_LINE_CHARS) {
        throw new MalformedExposition(`expected at most ${LONGEST_LINE_CHARS} characters, got more`)
      }
      // Blanks around a line mean nothing.
      const text = line.trim()
      if (text.startsWith('#')) this.#readComment(text)
      else if (text !== '') this.#readSample(text)
    } catch (error) {
      if (!(error instanceof MalformedExposition)) throw error
      throw new MalformedExposition(`line ${this.#lines}: ${error.message}`)
    }
  }

  #readComment(line: string): void {
    if (/^# EOF\s*$/.test(line)) this.#isEnded = true
    const [, quoted, plain, type] = /^#[ \t]+TYPE[ \t]+(?:"((?:[^"\\]|\\.)+)"|(\S+))[ \t]+(\S+)\s*$/.exec(line) ?? []
    const name = quoted ?? plain
    if (name === undefined) return
    const known = types.find(each => each === type?.toLowerCase())
    if (known === undefined)
      throw new MalformedExposition(`expected a type such as counter, got ${JSON.stringify(type)}`)
    if (this.families.size >= MOST_NAMES)
      throw new MalformedExposition(`expected at most ${MOST_NAMES} metrics, got more`)
    this.families.set(name, { name, type: known })
  }

  #readSample(line: string): void {
    if (this.#isEnded) throw new MalformedExposition('expected nothing behind # EOF, got a sample')
    // Most lines of a page are of series that nobody chose.
    const begin = nameAt(line)
    if (begin !== undefined && this.#known.get(begin)?.isWanted === false) return
    if (this.#samples >= (this.#options.mostSamples ?? Number.POSITIVE_INFINITY)) {
      if (begin === undefined || this.#memberOf(begin).isWanted) this.passedOver += 1
      return
    }
    const sample = parseSample(line)
    const { family, isWanted } = this.#memberOf(sample.name)
    if (!isWanted) return
    this.#samples += 1
    this.#options.onSample(sample, family)
  }

  #memberOf(sample: string): { family: SampleFamily; isWanted: boolean } {
    const known = this.#known.get(sample)
    if (known !== undefined) return known
    if (this.#known.size >= MOST_NAMES) throw new MalformedExposition(`expected at most ${MOST_NAMES} names, got more`)
    const family = this.#familyOf(sample)
    const member = { family, isWanted: this.#options.isWanted?.(sample, family) ?? true }
    this.#known.set(sample, member)
    return member
  }

  /** Returns the family of a sample. Without a `# TYPE`, a name that ends with `_total` is that of a counter. */
  #familyOf(sample: string): SampleFamily {
    const own = this.families.get(sample)
    if (own !== undefined) return own
    for (const suffix of new Set(Object.values(suffixes).flat())) {
      if (!sample.endsWith(suffix)) continue
      const family = this.families.get(sample.slice(0, -suffix.length))
      if (family !== undefined && suffixes[family.type].includes(suffix)) return family
    }
    return { name: sample, type: sample.endsWith('_total') ? 'counter' : 'unknown' }
  }
}
