import type { FaultMatch } from '../../contract/faults/rule.ts'
import { type Operation, templatesOf } from '../../contract/api/operation.ts'
import { type OperationName, operations } from '../../contract/api/operations.ts'
import { globTest } from '../../core/glob.ts'
import type { FaultSubject } from './subject.ts'

type Text = string | undefined
type TextTest = (text: Text) => boolean

/** A condition of a rule on one part of a subject. */
export interface SubjectTest {
  /** Name of the part. Tests with the same name read the same texts. */
  readonly what: string
  readonly textsOf: (subject: FaultSubject) => Text[]
  /** The accepted values; undefined if there is a pattern among them. */
  readonly values: readonly string[] | undefined
  readonly fitsText: (text: string) => boolean
}

/** The `match` of a rule, compiled. */
export class FaultMatcher {
  /** The remaining tests once the operation is known to match. */
  readonly tests: readonly SubjectTest[]
  readonly #operation: TextTest
  readonly #paths: readonly string[] | undefined
  readonly #methods: TextTest
  readonly #channel: TextTest

  constructor({ operation, path, method, tenant, client, region, header = {}, channel }: FaultMatch) {
    const methods = method === undefined ? undefined : [method].flat().map(pattern => pattern.toUpperCase())
    this.#operation = textTest(operation)
    this.#paths = path === undefined ? undefined : [path].flat()
    this.#methods = textTest(methods)
    this.#channel = textTest(channel)
    this.tests = [
      ...subjectTests('path', path, subject => [subject.path]),
      ...Object.entries(header).flatMap(([name, patterns]) => {
        const lowerCased = name.toLowerCase()
        return subjectTests(`header ${lowerCased}`, patterns, subject => [subject.header(lowerCased)])
      }),
      ...subjectTests('tenant', tenant, subject => [subject.tenant]),
      ...subjectTests('client', client, subject => [subject.client, subject.user]),
      ...subjectTests('region', region, subject => [subject.region]),
      ...subjectTests('method', methods, subject => [subject.method]),
    ]
  }

  matches(subject: FaultSubject): boolean {
    return this.#operation(subject.operation) && this.fits(subject)
  }

  /** Tests a subject whose operation may match the rule. */
  fits(subject: FaultSubject): boolean {
    for (const { textsOf, fitsText } of this.tests) {
      if (!textsOf(subject).some(text => text !== undefined && fitsText(text))) return false
    }
    return true
  }

  /** Whether the rule can match a request of this operation, judged by the operation's name, method and paths. */
  mayMatch(operation: OperationName): boolean {
    if (!this.#operation(operation)) return false
    if (operation === 'unmatched') return true
    const { method, ...paths }: Operation = operations[operation]
    if (!this.#methods(method) && !(method === 'GET' && this.#methods('HEAD'))) return false
    const templates = templatesOf(paths)
    return this.#paths?.some(pattern => templates.some(template => mayMeet(pattern, template))) ?? true
  }

  /** Tests the channel of a message: its stream, room, topic, symbol or document. */
  matchesChannel(channel: string | undefined): boolean {
    return this.#channel(channel)
  }
}

function subjectTests(
  what: string,
  patterns: string | string[] | undefined,
  textsOf: (subject: FaultSubject) => Text[],
): SubjectTest[] {
  if (patterns === undefined) return []
  const fitsText = textTest(patterns)
  const values = [patterns].flat()
  return [
    {
      what,
      textsOf,
      values: values.some(value => value.includes('*')) ? undefined : values,
      fitsText,
    },
  ]
}

/** Returns a test for some patterns. Without patterns everything fits. */
function textTest(patterns: string | string[] | undefined): TextTest {
  if (patterns === undefined) return () => true
  const tests = [patterns].flat().map(pattern => globTest(pattern))
  const [first, ...others] = tests
  if (first !== undefined && others.length === 0) return text => text !== undefined && first(text)
  return text => text !== undefined && tests.some(test => test(text))
}

/** Whether a path of the template may fit the pattern, judged by their beginnings without wildcards. */
function mayMeet(pattern: string, template: string): boolean {
  const ours = pattern.split('*', 1)[0]!
  const theirs = template.split('{', 1)[0]!
  if (pattern === ours && template === theirs) return pattern === template
  return ours.startsWith(theirs) || theirs.startsWith(ours)
}
