import { ReportError, type ReportSource } from '../tool.ts'
import { textOf } from './source-text.ts'

const MS_IN: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  seconds: 1000,
  m: 60_000,
  h: 3_600_000,
}

const BYTES_IN: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 }

/** A report as a tool prints it for people, searched by patterns. Colours are removed. */
export class PrintedReport {
  readonly #name: string
  readonly #format: string
  readonly text: string

  /** @param format in words, e.g. `the output of wrk` */
  constructor(source: ReportSource, format: string) {
    this.#name = source.name
    this.#format = format
    // oxlint-disable-next-line no-control-regex
    this.text = textOf(source).replaceAll(/\u001b\[[\d;]*m/g, '')
  }

  /** Returns the groups of the pattern's first match. */
  find(pattern: RegExp): string[] | undefined {
    return pattern.exec(this.text)?.slice(1)
  }

  /** @throws ReportError that names what is missing */
  need(pattern: RegExp, what: string): string[] {
    return this.find(pattern) ?? this.fail(`it has no ${what}. Run the tool to its end and pass all of its output`)
  }

  /** Returns the number in the pattern's first group. */
  number(pattern: RegExp): number | undefined {
    const [digits] = this.find(pattern) ?? []
    return digits === undefined ? undefined : this.#numberIn(digits)
  }

  /** @throws ReportError that names what is missing */
  neededNumber(pattern: RegExp, what: string): number {
    return this.#numberIn(this.need(pattern, what)[0]!)
  }

  /** Converts `34.37ms`, `0.04 secs` and the like. */
  ms(quantity: string): number {
    const [, digits = '', unit = ''] = /^\s*([\d.]+)\s*(\S*)\s*$/.exec(quantity) ?? []
    const scale = MS_IN[unit]
    if (scale === undefined) {
      return this.fail(`${JSON.stringify(quantity)} is no time in ns, us, ms, s, m or h. It may be of another version`)
    }
    // Rounded to ns, so that decimals stay as they were printed.
    return Math.round(this.#numberIn(digits) * scale * 1e6) / 1e6
  }

  /** Converts `7.45MB` and the like, where a K is 1024. */
  bytes(quantity: string): number {
    const [, digits = '', unit = '?'] = /^\s*([\d.]+)\s*([KMGTP]?)i?B\s*$/.exec(quantity) ?? []
    const scale = BYTES_IN[unit]
    if (scale === undefined) return this.fail(`${JSON.stringify(quantity)} is no number of bytes`)
    return Math.round(this.#numberIn(digits) * scale)
  }

  /** @throws ReportError */
  fail(why: string): never {
    throw new ReportError(`${this.#name}: expected ${this.#format}, but ${why}.`)
  }

  #numberIn(digits: string): number {
    const value = Number(digits)
    return Number.isFinite(value) ? value : this.fail(`${JSON.stringify(digits)} is no number`)
  }
}
