import { plain, shortened } from '../code/comment.ts'
import { Expression } from '../code/expression.ts'
import { camelCase, singular, wordsOf } from '../../../core/words.ts'
import type { Names } from '../code/names.ts'
import type { ScenarioStep } from '../code/steps.ts'
import { looksSecret } from '../secrets/secret-text.ts'
import { type Chain, parameterAfter } from './chains.ts'
import type { ListedOperation } from './operation-list.ts'
import { type RequestDependencies, requestOf } from './request.ts'

/** An operation that no scenario sends, and why. */
export interface LeftOutOperation {
  operation: ListedOperation
  reason: string
}

const ENDS_IDENTITY = /\/(log-?_?out|sign-?_?(out|off)|revoke|refresh(-?_?token)?)\/?$/i

const VERBS: Readonly<Record<string, string>> = { GET: 'read', PUT: 'replace', PATCH: 'change', DELETE: 'delete' }

/** Writes the tasks of one file. */
export class TaskWriter {
  readonly tasks = new Map<string, ScenarioStep[]>()
  readonly leftOut: LeftOutOperation[] = []
  readonly #dependencies: RequestDependencies
  readonly #names: Names
  /** Names of tasks, which may be words of the language too. */
  readonly #taskNames: Names
  /** Constants of captured values. Tasks do not see each other's, so one name serves them all. */
  readonly #constants = new Map<string, string>()

  constructor(dependencies: RequestDependencies, names: Names, taskNames: Names) {
    this.#dependencies = dependencies
    this.#names = names
    this.#taskNames = taskNames
  }

  /** Adds the task of a chain. @param keepsDeletions whether to send logouts, and DELETEs of things that the scenario has not created */
  add({ operations, capture }: Chain, keepsDeletions: boolean): void {
    const [first, ...others] = operations
    if (first === undefined) return
    if (first.method === 'DELETE' && !keepsDeletions) {
      const reason = 'the scenario has not created what they delete (--only with a pattern that fits includes them)'
      this.leftOut.push({ operation: first, reason })
      return
    }
    if (ENDS_IDENTITY.test(first.path) && !keepsDeletions) {
      const reason =
        'they would end or replace the identity of the other tasks (--only with a pattern that fits includes them)'
      this.leftOut.push({ operation: first, reason })
      return
    }
    const written = requestOf(first, new Map(), this.#dependencies)
    if ('leftOut' in written) {
      this.leftOut.push({ operation: first, reason: written.leftOut })
      for (const operation of others) this.add({ operations: [operation] }, keepsDeletions)
      return
    }
    const steps: ScenarioStep[] = [written.step]
    if (capture !== undefined && written.step.step === 'request') {
      const constant = this.#constantFor(capture.collection, capture.path)
      steps[0] = { ...written.step, captures: [{ constant, path: capture.path }] }
      for (const operation of others)
        this.#addTo(steps, operation, parameterAfter(operation, capture.collection)!, constant)
    }
    const names = taskNames(steps.length > 1 ? operations : [first])
    const free = names.find(name => !this.tasks.has(name)) ?? this.#taskNames.claim(`${names.at(-1)} 2`, ' ')
    this.tasks.set(free, steps)
  }

  #addTo(steps: ScenarioStep[], operation: ListedOperation, parameter: string, constant: string): void {
    const written = requestOf(operation, new Map([[parameter, new Expression(constant)]]), this.#dependencies)
    if ('leftOut' in written) this.leftOut.push({ operation, reason: written.leftOut })
    else steps.push(written.step)
  }

  #constantFor(collection: string, path: string): string {
    const thing = singular(wordsOf(collection.replaceAll(/\{[^}]*\}/g, '')).at(-1) ?? 'item')
    const field = path.split('.').at(-1)!
    const wanted = camelCase(field.toLowerCase().startsWith(thing) ? field : `${thing} ${field}`, 'id')
    const known = this.#constants.get(wanted)
    if (known !== undefined) return known
    const constant = this.#names.claim(wanted)
    this.#constants.set(wanted, constant)
    return constant
  }
}

/** Most letters of a summary that becomes the name of a task. */
const LONGEST_SUMMARY = 60

/** Returns names for a task, the best first: the summary of its operation, or what is done with a thing. */
function taskNames(operations: readonly ListedOperation[]): string[] {
  const [first] = operations as [ListedOperation]
  const request = shortened(`${first.method} ${first.path}`, 80)
  if (operations.length === 1) {
    const summary = plain(first.summary ?? '').replace(/\.$/, '')
    const isShort = summary !== '' && summary.length <= LONGEST_SUMMARY && !looksSecret(summary)
    return isShort ? [summary, request] : [request]
  }
  const thing = wordsOf(first.path.replaceAll(/\{[^}]*\}/g, '')).at(-1) ?? 'item'
  const isCreated = first.method === 'POST'
  const verbs = operations.slice(1).map(({ method }) => VERBS[method] ?? 'use')
  const words = [...new Set([isCreated ? 'create' : 'list', ...verbs])]
  return [`${isCreated ? singular(thing) : thing}: ${words.join(', ')}`, request]
}
