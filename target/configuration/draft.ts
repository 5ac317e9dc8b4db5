import { patternError } from '../../contract/api/operations.ts'
import { faultsErrors } from '../../contract/faults/check-faults.ts'
import { checker, dottedPath, type PointedError, pointerStep } from '../../core/check.ts'
import { distributionErrors } from '../../core/distributions/parse.ts'
import type { DistributionValue } from '../../core/distributions/value.ts'
import { parseDuration } from '../../core/duration.ts'
import { nearest } from '../../core/nearest.ts'
import { yaml } from '../../core/yaml.ts'
import { Configuration } from './configuration.ts'
import { isText, type Key, keys, keysByPath, rootSchema, type SchemaNode } from './keys.ts'
import type { RateLimitRule } from './schema/http.ts'
import { isSecret } from './secrets.ts'

const configurationChecker = checker(Configuration)
/** Minimum period of a rate limit. */
const SHORTEST_PER_MS = 1

/** A configuration that is built from layers and validated as a whole. Later layers override earlier ones. */
export class ConfigurationDraft {
  readonly #values = new Map<string, { value: unknown; origin: string | undefined }>()
  readonly #issues: ConfigurationIssue[] = []

  /** Adds a layer that is a tree: a file, or the body of a request, which needs no origin. */
  addDocument(document: unknown, origin?: string): void {
    this.#addNode(rootSchema, document, [], origin)
  }

  /** Sets one key from text: an environment variable or a flag. */
  addText(path: string, text: string, origin: string): void {
    const key = keysByPath.get(path)
    if (key === undefined)
      this.addIssue(path.split('.'), unknownKey(path.split('.'), [...keysByPath.keys()], path), origin)
    else this.#values.set(path, { value: readText(key, text), origin })
  }

  addIssue(path: readonly string[], detail: string, origin?: string): void {
    this.#issues.push({ pointer: pointerOf(path), detail, ...(origin !== undefined && { origin }) })
  }

  /** Returns the source of a key's value; undefined for a default. */
  originOf(path: string): string | undefined {
    return this.#values.get(path)?.origin
  }

  /** @throws ConfigurationError with all problems */
  finish(): Configuration {
    const document = this.#build(rootSchema, [])
    for (const { pointer, detail } of configurationChecker.errors(document)) {
      this.addIssue(pathOf(pointer), isSecret(pointer) ? withoutValue(detail) : detail, this.#originAt(pointer))
    }
    if (this.#issues.length === 0) this.#checkTogether(document as Configuration)
    if (this.#issues.length > 0) throw new ConfigurationError(this.#issues)
    return document as Configuration
  }

  #addNode(schema: SchemaNode, value: unknown, path: readonly string[], origin: string | undefined): void {
    if (schema.properties === undefined) {
      this.#values.set(path.join('.'), { value, origin })
      return
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.addIssue(path, `expected keys and values, got ${JSON.stringify(value) ?? 'nothing'}`, origin)
      return
    }
    for (const [name, child] of Object.entries(value)) {
      const node = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      if (node !== undefined) this.#addNode(node, child, [...path, name], origin)
      else this.addIssue([...path, name], unknownKey([...path, name], Object.keys(schema.properties), name), origin)
    }
  }

  #build(schema: SchemaNode, path: readonly string[]): unknown {
    if (schema.properties !== undefined) {
      return Object.fromEntries(
        Object.entries(schema.properties).map(([name, node]) => [name, this.#build(node, [...path, name])]),
      )
    }
    const set = this.#values.get(path.join('.'))
    return set === undefined ? structuredClone(schema.default) : set.value
  }

  /** Reports contradictions between several keys. */
  #checkTogether({ http, control, auth, reports, notifications, rateLimits, faults }: Configuration): void {
    if (http.urlBytes > http.headerBytes) {
      this.addIssue(
        ['http', 'urlBytes'],
        `expected at most http.headerBytes (${http.headerBytes}), which counts the URL as well, got ${http.urlBytes}`,
        this.originOf('http.urlBytes') ?? this.originOf('http.headerBytes'),
      )
    }
    if (control.port > 0 && control.port === http.port) {
      this.addIssue(
        ['control', 'port'],
        `expected another than http.port, or 0 for the same listener, got ${control.port}`,
        this.originOf('control.port') ?? this.originOf('http.port'),
      )
    }
    if (http.cors.credentials && [http.cors.origins].flat().includes('*')) {
      this.addIssue(
        ['http', 'cors', 'credentials'],
        'expected false, as no browser sends credentials where http.cors.origins is *, got true; name the origins',
        this.originOf('http.cors.credentials'),
      )
    }
    const emailsOf = (users: readonly { email: string }[]) => users.map(({ email }) => email.toLowerCase())
    const clientIds = auth.clients.map(({ id }) => id)
    this.#checkUnique('auth.clients', 'id', clientIds)
    this.#checkUnique('auth.users', 'email', emailsOf(auth.users))
    this.#checkUnique('auth.userPatterns', 'email', emailsOf(auth.userPatterns))
    this.#checkDistribution('auth.issueCost', auth.issueCost)
    this.#checkDistribution('reports.duration', reports.duration)
    this.#checkDistribution('notifications.interval', notifications.interval)
    this.#checkRateLimits(rateLimits.rules)
    for (const { pointer, detail } of faultsErrors(faults)) {
      this.addIssue(['faults', ...pathOf(pointer)], detail, this.#originAt(`/faults${pointer}`))
    }
  }

  #checkRateLimits(rules: readonly RateLimitRule[]): void {
    const path = 'rateLimits.rules'
    const names = rules.map(({ name }) => name)
    this.#checkUnique(path, 'name', names)
    for (const [index, { per, operations = [] }] of rules.entries()) {
      const at = (...rest: string[]) => [...path.split('.'), String(index), ...rest]
      if (per !== undefined && parseDuration(per) < SHORTEST_PER_MS) {
        const detail = `expected at least ${SHORTEST_PER_MS}ms, got ${JSON.stringify(per)}`
        this.addIssue(at('per'), detail, this.originOf(path))
      }
      for (const [place, pattern] of operations.entries()) {
        const detail = patternError(pattern)
        if (detail !== undefined) this.addIssue(at('operations', String(place)), detail, this.originOf(path))
      }
    }
  }

  /** Reports names that occur more than once in a list. */
  #checkUnique(path: string, field: 'id' | 'email' | 'name', names: readonly string[]): void {
    const known = new Set<string>()
    for (const [index, name] of names.entries()) {
      if (known.has(name)) {
        const article = field === 'name' ? 'a' : 'an'
        const detail = `expected ${article} ${field} of its own, got ${JSON.stringify(name)} again`
        this.addIssue([...path.split('.'), String(index), field], detail, this.originOf(path))
      }
      known.add(name)
    }
  }

  /** Reports contradictions in a distribution that fits its schema, such as a max below its min. */
  #checkDistribution(path: string, spec: DistributionValue): void {
    for (const { pointer, detail } of distributionErrors(spec)) {
      this.addIssue([...path.split('.'), ...pathOf(pointer)], detail, this.originOf(path))
    }
  }

  #originAt(pointer: string): string | undefined {
    const path = pathOf(pointer).join('.')
    return this.originOf(keys.find(key => path === key.path || path.startsWith(`${key.path}.`))?.path ?? path)
  }
}

/** Returns the key that an unknown key was probably meant to be: a neighbour, or a key of that name elsewhere. */
function unknownKey(path: readonly string[], neighbours: readonly string[], name: string): string {
  const neighbour = nearest(name, neighbours)
  const parent = neighbours.includes(name) || name.includes('.') ? [] : path.slice(0, -1)
  const meant =
    neighbour !== undefined
      ? [...parent, neighbour].join('.')
      : keys.find(key => key.path.split('.').at(-1)?.toLowerCase() === name.toLowerCase())?.path
  return meant === undefined ? 'there is no such key' : `there is no such key; did you mean ${meant}?`
}

function withoutValue(detail: string): string {
  return detail.replace(/, got .*$/s, '')
}

function readText(key: Key, text: string): unknown {
  if (isText(key) || key.schema.enum !== undefined) return text
  // These need no reader of YAML: whole numbers, durations, which are texts, and switches.
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h)$/.test(text)) return text
  if (text === 'true' || text === 'false') return text === 'true'
  try {
    return yaml().parse(text)
  } catch {
    return text
  }
}

function pointerOf(path: readonly string[]): string {
  return path.map(pointerStep).join('')
}

function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A problem with one key, and the source of its value. */
export interface ConfigurationIssue extends PointedError {
  origin?: string
}

/** All problems of a configuration. The message has a line for each. */
export class ConfigurationError extends Error {
  readonly issues: readonly ConfigurationIssue[]

  constructor(issues: readonly ConfigurationIssue[]) {
    super(issues.map(line).join('\n'))
    this.name = 'ConfigurationError'
    this.issues = issues
  }
}

function line({ pointer, detail, origin }: ConfigurationIssue): string {
  const place = pointer === '' ? '' : `${dottedPath(pointer)}: `
  return `${place}${detail}${origin === undefined ? '' : ` (from ${origin})`}`
}
