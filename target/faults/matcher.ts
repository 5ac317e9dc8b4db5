import type { FaultMatch } from '../../contract/faults/match.ts'
import type { FaultSubject } from './subject.ts'

/** The `match` of a rule, compiled. */
export class FaultMatcher {
  readonly #tests: readonly ((subject: FaultSubject) => boolean)[]
  readonly #channel: ((text: string | undefined) => boolean) | undefined

  constructor({ operation, path, method, tenant, client, region, header = {}, channel }: FaultMatch) {
    const tests: ((subject: FaultSubject) => boolean)[] = []
    const add = (patterns: Patterns | undefined, ...textsOf: ((subject: FaultSubject) => string | undefined)[]) => {
      if (patterns === undefined) return
      const fits = patternTest(patterns)
      tests.push(subject => textsOf.some(textOf => fits(textOf(subject))))
    }
    add(operation, subject => subject.operation)
    add(path, subject => subject.path)
    add(method, subject => subject.method)
    add(tenant, subject => subject.tenant)
    add(
      client,
      subject => subject.client,
      subject => subject.user,
    )
    add(region, subject => subject.region)
    for (const [name, patterns] of Object.entries(header)) {
      const lowerCased = name.toLowerCase()
      add(patterns, subject => subject.header(lowerCased))
    }
    this.#tests = tests
    this.#channel = channel === undefined ? undefined : patternTest(channel)
  }

  matches(subject: FaultSubject): boolean {
    return this.#tests.every(test => test(subject))
  }

  /** Of a message: its stream, room, topic, symbol or document. */
  matchesChannel(channel: string | undefined): boolean {
    return this.#channel?.(channel) ?? true
  }
}

type Patterns = string | string[]

function patternTest(patterns: Patterns): (text: string | undefined) => boolean {
  const expressions = [patterns].flat().map(pattern => {
    const literal = pattern.split('*').map(text => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    return new RegExp(`^${literal.join('.*')}$`, 's')
  })
  return text => text !== undefined && expressions.some(expression => expression.test(text))
}
