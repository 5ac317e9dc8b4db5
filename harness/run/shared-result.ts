import { at } from '../plan/inspector.ts'
import type { SetupPlan } from '../plan/read-setup.ts'
import type { SharedResult } from '../scenario/setup.ts'

/** The result of a setup cannot be shared. The message names the place. */
export class NotShareable extends TypeError {}

const DEEPEST = 100
/** Each worker has a copy. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Returns a frozen copy of the result of a setup. It must be JSON, because workers in other processes share it.
 * @throws NotShareable
 */
export function frozenCopy(result: unknown): unknown {
  check(result, 'result', [])
  if (result === undefined) return undefined
  const text = JSON.stringify(result)
  if (text.length > MOST_BYTES) {
    throw new NotShareable(
      `expected a result of at most ${MOST_BYTES} bytes of JSON, got ${text.length}; read large data from a file in each user`,
    )
  }
  return JSON.parse(text, (_key, value: unknown) => Object.freeze(value))
}

/**
 * Returns a function that returns the result of the setup, which throws when there is none, or it is asked for another function.
 * @param result the result in a frozen copy, once the setup has completed
 */
export function sharing(
  { setup: planned }: Pick<SetupPlan, 'setup'>,
  result: () => { value?: unknown } | undefined,
): SharedResult {
  const known = planned?.run
  return setup => {
    const name = nameOf(setup)
    if (known === undefined) {
      throw new TypeError(`shared(${name}): the scenario has no setup; write \`setup: ${name}\` in it`)
    }
    if (known !== setup) {
      throw new TypeError(`shared(${name}): expected the setup of the scenario, ${nameOf(known)}, got another function`)
    }
    const completed = result()
    if (completed === undefined) throw new Error(`shared(${name}): the setup has not completed`)
    return completed.value as never
  }
}

function nameOf(setup: unknown): string {
  return (typeof setup === 'function' && setup.name) || 'a function without a name'
}

/** @param within the objects that contain the value */
function check(value: unknown, path: string, within: readonly object[]): void {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unshareable(path, `the number ${value}`, 'give null or text instead')
    return
  }
  if (typeof value !== 'object') throw unshareable(path, `a ${typeof value}`, adviceFor[typeof value] ?? '')
  if (within.includes(value)) throw unshareable(path, 'an object that contains it', 'leave it out')
  if (within.length >= DEEPEST) throw unshareable(path, `something ${DEEPEST} levels deep`, 'make it flatter')
  const inside = [...within, value]
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (item === undefined) throw unshareable(at(path, index), 'nothing in a list', 'give null instead')
      check(item, at(path, index), inside)
    }
    return
  }
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== null && prototype !== Object.prototype) {
    const name = prototype.constructor?.name ?? 'a class'
    throw unshareable(path, `an instance of ${name}`, adviceFor[name] ?? 'return the data in it')
  }
  for (const [key, item] of Object.entries(value)) check(item, at(path, key), inside)
}

const adviceFor: Readonly<Record<string, string>> = {
  function: 'users can call functions of the file directly',
  symbol: 'give text instead',
  bigint: 'give text or a number instead',
  Promise: 'await it',
  Date: 'give its toISOString() or getTime()',
  Map: 'give Object.fromEntries(map)',
  Set: 'give [...set]',
  Buffer: "give its toString('base64')",
  Response: 'return the data in it, such as response.json()',
}

function unshareable(path: string, got: string, advice: string): NotShareable {
  return new NotShareable(`${path}: expected JSON, which workers can share, got ${got}${advice && `; ${advice}`}`)
}
