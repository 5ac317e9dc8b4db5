/** A sample of an exposition: `http_requests_total{method="GET"} 1027`. */
export interface ExposedSample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

/** An exposition breaks its format. The message says what was expected and what came. */
export class MalformedExposition extends Error {
  override readonly name = 'MalformedExposition'
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y
/** A quoted text in which `\\`, `\"` and `\n` are escaped. */
const QUOTED = /"((?:[^"\\]|\\[\\"n])*)"/y
const SPACE = /[ \t]*/y
/** A label as nearly all are: without escapes and spaces. */
const PLAIN_LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]*)"([,}])/y
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
/** Follows a value: nothing, a timestamp, and in OpenMetrics an exemplar. */
const REST = /^(?:[ \t]+[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)?[ \t]*(?:# \{[^]*)?$/
const LONGEST_SHOWN = 80

/** Returns the name that a line of a sample begins with; undefined for one that begins with a brace or is no sample. */
export function nameAt(line: string): string | undefined {
  NAME.lastIndex = 0
  return NAME.exec(line)?.[0]
}

/**
 * Parses the line of a sample in the text format of Prometheus 0.0.4 or 1.0.0, or of OpenMetrics 1.0.
 * @throws MalformedExposition
 */
export function parseSample(line: string): ExposedSample {
  return new SampleLine(line).read()
}

class SampleLine {
  readonly #line: string
  #at = 0

  constructor(line: string) {
    this.#line = line
  }

  read(): ExposedSample {
    let name = this.#take(NAME)
    const labels = new Map<string, string>()
    this.#take(SPACE)
    if (this.#line[this.#at] === '{') {
      // A name that is not an identifier is quoted, and stands among the labels.
      const quoted = this.#readLabels(labels)
      if (name !== undefined && quoted !== undefined) throw this.#expected('one name')
      name ??= quoted
    }
    if (name === undefined) throw this.#expected('the name of a metric')
    const [, value, rest] = /^[ \t]*(\S+)([^]*)$/.exec(this.#line.slice(this.#at)) ?? []
    if (value === undefined || rest === undefined) throw this.#expected('a value')
    const number = numberOf(value)
    if (number === undefined) throw this.#expected('a number', value)
    if (!REST.test(rest)) throw this.#expected('a timestamp or the end of the line', rest.trim())
    return { name, labels: Object.fromEntries(labels), value: number }
  }

  /** Reads the labels in braces. @returns the quoted name among them, if there is one */
  #readLabels(labels: Map<string, string>): string | undefined {
    let name: string | undefined
    this.#at += 1
    for (;;) {
      PLAIN_LABEL.lastIndex = this.#at
      const [whole, plainLabel, plainValue, next] = PLAIN_LABEL.exec(this.#line) ?? []
      if (whole !== undefined) {
        this.#at += whole.length
        this.#keep(labels, plainLabel!, plainValue!)
        if (next === '}') return name
        continue
      }
      this.#take(SPACE)
      if (this.#skip('}')) return name
      const label = this.#take(LABEL_NAME) ?? this.#takeQuoted()
      if (label === undefined) throw this.#expected('the name of a label')
      this.#take(SPACE)
      if (this.#skip('=')) {
        this.#take(SPACE)
        const value = this.#takeQuoted()
        if (value === undefined) throw this.#expected('the value of a label in quotes')
        this.#keep(labels, label, value)
      } else if (name === undefined && labels.size === 0) name = label
      else throw this.#expected('= behind the name of a label')
      this.#take(SPACE)
      if (!this.#skip(',') && this.#line[this.#at] !== '}') throw this.#expected('a comma or } behind a label')
    }
  }

  #keep(labels: Map<string, string>, label: string, value: string): void {
    if (labels.has(label)) throw this.#expected(`the label ${label} once`)
    labels.set(label, value)
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#line)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #takeQuoted(): string | undefined {
    return this.#take(QUOTED)
      ?.slice(1, -1)
      .replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }

  #skip(character: string): boolean {
    if (this.#line[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #expected(what: string, got = this.#line.slice(this.#at)): MalformedExposition {
    const shown = got === '' ? 'the end of the line' : JSON.stringify(got.slice(0, LONGEST_SHOWN))
    return new MalformedExposition(`expected ${what}, got ${shown}`)
  }
}

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text)
  const [, sign] = INFINITE.exec(text) ?? []
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^nan$/i.test(text) ? Number.NaN : undefined
}
