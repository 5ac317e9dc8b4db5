import { type Arrow, Expression, quoted, template } from './expression.ts'
import { lineComment } from './comment.ts'
import { callCode, pad } from './layout.ts'
import { camelCase, singular } from '../../../core/words.ts'
import type { Names } from './names.ts'

/** A request of a task, and what is made of its response. */
export interface RequestStep {
  step: 'request'
  method: string
  path: readonly (string | Expression)[]
  options: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, Arrow>>
  /** Values of the response that later steps use. */
  captures: readonly Captured[]
  comments: readonly string[]
}

/** A value that is taken from a response: from its JSON by a path in dots, or from a page by the name of a field. */
export interface Captured {
  constant: string
  path: string
  isField?: boolean
}

/** A stream of server-sent events that is read for a while. */
export interface StreamStep {
  step: 'stream'
  path: readonly (string | Expression)[]
  options: Readonly<Record<string, unknown>>
  comments: readonly string[]
}

/** A step without a request. */
export type PlainStep =
  | { step: 'pause'; duration: string }
  | { step: 'heading'; text: string }
  | { step: 'bearer'; token: Expression }
  | { step: 'new visitor' }

export type ScenarioStep = RequestStep | StreamStep | PlainStep

/** Names of the context that steps use, as far as they are needed. */
export type ContextName = 'http' | 'sse' | 'auth' | 'cookies' | 'check' | 'sleep' | 'fake'

const SHORTHANDS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Returns the steps as lines of a function body. */
export function stepLines(steps: readonly ScenarioStep[], names: Names, indent: number): string[] {
  const isAlone = steps.filter(({ step }) => step === 'request').length === 1
  return steps.flatMap((step, at) => {
    switch (step.step) {
      case 'pause':
        return [`${pad(indent)}await sleep(${quoted(step.duration)})`]
      case 'heading':
        return [...(at === 0 ? [] : ['']), ...lineComment(step.text, indent)]
      case 'bearer':
        return [`${pad(indent)}auth.bearer(String(${step.token.source}))`]
      case 'new visitor':
        return [...lineComment('Each iteration is a new visitor.', indent), `${pad(indent)}cookies.clear()`]
      case 'stream':
        return streamLines(step, indent)
      case 'request':
        return requestLines(step, isAlone ? 'response' : nounOf(step), names, indent)
    }
  })
}

/** Returns the names of the context that the lines use. */
export function contextOf(lines: readonly string[]): ContextName[] {
  const all: ContextName[] = ['http', 'sse', 'auth', 'cookies', 'fake', 'check', 'sleep']
  const code = lines.filter(line => !/^\s*\/\//.test(line)).join('\n')
  return all.filter(name => new RegExp(`(^|[^.\\w'"/-])${name}(\\.\\w+)?\\(`, 'm').test(code))
}

function requestLines(step: RequestStep, noun: string, names: Names, indent: number): string[] {
  const method = step.method.toUpperCase()
  const isShort = SHORTHANDS.includes(method)
  const options = Object.keys(step.options).length > 0 ? [step.options] : []
  const args = [...(isShort ? [] : [method]), template(step.path), ...options]
  const call = `await http.${isShort ? method.toLowerCase() : 'request'}`
  const comments = step.comments.flatMap(text => lineComment(text, indent))
  const hasClaims = Object.keys(step.claims).length > 0
  if (!hasClaims && step.captures.length === 0) return [...comments, pad(indent) + callCode(call, args, indent)]
  // No other constant has this name.
  const variable = noun === 'response' ? noun : names.claim(noun)
  return [
    ...comments,
    pad(indent) + callCode(`const ${variable} = ${call}`, args, indent),
    ...(hasClaims ? [checkLine(variable, step.claims, indent)] : []),
    ...step.captures.map(({ constant, path, isField }) => {
      const reader = isField === true ? 'fieldOf' : 'valueOf'
      return `${pad(indent)}const ${constant} = ${reader}(${variable}, ${quoted(path)})`
    }),
  ]
}

/** Several claims stand below each other, whether or not they fit on a line. */
function checkLine(variable: string, claims: RequestStep['claims'], indent: number): string {
  const code = callCode('check', [new Expression(variable), claims], indent)
  if (Object.keys(claims).length < 2 || code.includes('\n')) return pad(indent) + code
  const lines = Object.entries(claims).map(([name, { source }]) => `${pad(indent + 2)}${quoted(name)}: ${source},\n`)
  return `${pad(indent)}check(${variable}, {\n${lines.join('')}${pad(indent)}})`
}

function streamLines({ path, options, comments }: StreamStep, indent: number): string[] {
  return [
    ...comments.flatMap(text => lineComment(text, indent)),
    pad(indent) + callCode('const stream = sse.open', [template(path), options], indent),
    `${pad(indent)}for await (const event of stream) check(event, { 'has data': ({ data }) => data !== '' })`,
  ]
}

const ADJECTIVES: Readonly<Record<string, string>> = {
  POST: 'new',
  PUT: 'replaced',
  PATCH: 'changed',
  DELETE: 'deleted',
}

/** Returns a name for the response: the last word of the path, for one thing unless a list was asked for. */
function nounOf({ method, path, captures }: RequestStep): string {
  const text = path.map(part => (typeof part === 'string' ? part : '{}')).join('')
  const segments = text
    .split('?')[0]!
    .split('/')
    .filter(segment => segment !== '')
  const word = segments.findLast(segment => !segment.includes('{}') && !/\d/.test(segment)) ?? 'page'
  const noun = camelCase(word, 'page')
  const isOne = segments.at(-1)?.includes('{}') === true
  // `POST /orders` makes one of them, and `POST /login` is about no list.
  const isThing = isOne || singular(noun) !== noun || captures.some(({ constant }) => constant.endsWith('Id'))
  const adjective = isThing ? ADJECTIVES[method.toUpperCase()] : undefined
  if (adjective !== undefined) return camelCase(`${adjective} ${singular(noun)}`)
  return isOne ? singular(noun) : noun
}
