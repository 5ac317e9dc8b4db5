import { isName, nameRule } from '../../contract/name.ts'
import { didYouMean } from '../../core/nearest.ts'
import { concealUrl } from '../../harness/client/address/url-credentials.ts'
import { httpVersions } from '../../harness/scenario/http-version.ts'
import { DEFAULT_ENGINE, engineNames } from '../../harness/client/engine/engine-names.ts'
import { isPlace, placeRule } from '../../harness/metrics/places.ts'
import { parseTarget } from '../../harness/client/address/target.ts'
import { InputError } from '../process/input-error.ts'
import { InvalidArgumentError, Option } from 'commander'

/** Checks the URL of a target. @throws InputError, which shows no password, unlike the errors of Commander. */
export function httpUrl(text: string): string {
  try {
    parseTarget(text)
    return text
  } catch (error) {
    throw new InputError((error as Error).message)
  }
}

/** Collects `key=value` flags that may be repeated. @throws InvalidArgumentError */
export function keyValue(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError(`expected key=value, got ${JSON.stringify(text)}`)
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) }
}

/** Collects variables, each name once. @throws InputError, which shows no value, because it may be a secret */
export function variable(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(0, at))
  const example = 'Give each variable once, such as --var region=us.'
  if (at === -1) throw new InputError('--var: expected name=value, got a text without =', example)
  if (at === 0) throw new InputError('--var: expected name=value, got no name', example)
  if (Object.hasOwn(previous, name)) throw new InputError(`--var ${name} is given twice`, example)
  return { ...previous, [name]: text.slice(at + 1) }
}

/** Collects `--host name=url` flags. @throws InputError, which shows no password, unlike the errors of Commander. */
export function hostUrl(text: string, previous: Record<string, string>): Record<string, string> {
  const [, name, url] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (name === undefined || url === undefined) {
    throw new InputError(
      `--host: expected name=url such as api=http://127.0.0.1:4000, got ${JSON.stringify(concealUrl(text))}`,
    )
  }
  if (Object.hasOwn(previous, name)) throw new InputError(`--host ${name} is given twice`, 'Give each host one URL.')
  return { ...previous, [name]: httpUrl(url) }
}

/** @throws InvalidArgumentError for a text that is no name of a run. */
export function runName(text: string): string {
  if (isName(text)) return text
  throw new InvalidArgumentError(`expected ${nameRule}, got ${JSON.stringify(text)}`)
}

/** @throws InvalidArgumentError for a text that is no place of a worker. */
export function place(text: string): string {
  if (isPlace(text)) return text
  throw new InvalidArgumentError(`expected ${placeRule}, got ${JSON.stringify(text)}`)
}

/** Reads a number above 0. @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`expected a number above 0, got ${JSON.stringify(text)}`)
}

/** Reads a number from 0. @throws InvalidArgumentError */
export function amount(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError(`expected a number from 0, got ${JSON.stringify(text)}`)
}

/** Reads a share of all: `0.1` or `10%`. @throws InvalidArgumentError */
export function share(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text) ?? []
  const value = Number(digits) / (percent === '%' ? 100 : 1)
  if (value <= 1) return value
  throw new InvalidArgumentError(`expected a share such as 0.1 or 10%, got ${JSON.stringify(text)}`)
}

/** Returns a parser of percentages: it reads `5%` or `5` as 0.05. @throws InvalidArgumentError */
export function percentage(leastPercent: number, mostPercent: number): (text: string) => number {
  return text => {
    const percent = Number(text.replace(/\s*%$/, ''))
    if (/\d/.test(text) && percent >= leastPercent && percent <= mostPercent) return percent / 100
    const range = `${leastPercent}…${mostPercent}`
    throw new InvalidArgumentError(`expected a percentage ${range} such as 5%, got ${JSON.stringify(text)}`)
  }
}

/** Returns a parser of integers in a range. @throws InvalidArgumentError */
export function integer(least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/\d/.test(text) && Number.isInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`expected an integer ${least}…${most}, got ${JSON.stringify(text)}`)
  }
}

/** Returns a parser for one of the names. @throws InvalidArgumentError, which suggests the closest and lists all. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return text => {
    const found = names.find(name => name === text)
    if (found !== undefined) return found
    const guess = text.includes(',') ? '; repeat the option for each' : didYouMean(text, names, JSON.stringify)
    throw new InvalidArgumentError(`expected one of ${names.join(', ')}, got ${JSON.stringify(text)}${guess}`)
  }
}

/** Returns a parser that collects the values of a flag that may be repeated. */
export function each<T>(parse: (text: string) => T): (text: string, others: T[]) => T[] {
  return (text, others) => [...others, parse(text)]
}

/** @throws InvalidArgumentError */
export const seed = integer(0, 0xffffffff)

/** Returns the option that chooses the engine of runs. */
export function engineOption(what = 'what sends the requests'): Option {
  const description = `${what}: ${engineNames.join(' or ')} (default: ${DEFAULT_ENGINE})`
  return new Option('--engine <name>', description).argParser(oneOf(engineNames))
}

/** Returns the option that chooses the version of HTTP. */
export function httpVersionOption(): Option {
  const description = `version of HTTP over TLS: ${httpVersions.join(', ')} (default: that of the scenario, or 1.1); auto takes HTTP/2 where it is offered`
  return new Option('--http-version <version>', description).argParser(oneOf(httpVersions))
}
