import { describe } from '../../core/check.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { fixed } from '../../core/distributions/closed-form.ts'
import type { Behaviour } from '../scenario/definition.ts'
import type { UserPlan } from '../user/user-kind.ts'
import { at, type Inspector } from './inspector.ts'
import { readTags } from './read-metrics.ts'

/** Pauses of users that have none of their own, and tags that they have beside their own. */
export type UserDefaults = Pick<UserPlan, 'think' | 'pacing' | 'tags'>

export function readUsers(inspector: Inspector, path: string, value: unknown, defaults: UserDefaults = {}): UserPlan[] {
  const users = inspector.list(path, value).map((item, index) => readUser(inspector, at(path, index), item, defaults))
  for (const [index, { name }] of users.entries()) {
    if (name !== '' && users.findIndex(other => other.name === name) < index) {
      inspector.note(
        at(at(path, index), 'name'),
        `expected a name of its own, got ${JSON.stringify(name)} a second time`,
      )
    }
  }
  return users
}

const USER_FIELDS = ['name', 'share', 'think', 'pacing', 'tags', 'begin', 'iterate', 'tasks', 'end']

function readUser(inspector: Inspector, path: string, value: unknown, defaults: UserDefaults): UserPlan {
  const fields = inspector.fields(path, value, USER_FIELDS)
  const pause = (key: 'think' | 'pacing') =>
    fields[key] === undefined ? defaults[key] : readPause(inspector, at(path, key), fields[key])
  const tags = readTags(inspector, at(path, 'tags'), fields['tags'])
  return {
    name: inspector.text(at(path, 'name'), fields['name']),
    share: fields['share'] === undefined ? 1 : inspector.number(at(path, 'share'), fields['share'], { above: 0 }),
    think: pause('think'),
    pacing: pause('pacing'),
    tags: defaults.tags === undefined ? tags : { ...defaults.tags, ...tags },
    behaviour: readBehaviour(inspector, path, fields),
  }
}

export function readPause(inspector: Inspector, path: string, value: unknown): Distribution {
  if (typeof value === 'object' && value !== null && typeof (value as Distribution).sample === 'function') {
    return value as Distribution
  }
  if (typeof value === 'number' || typeof value === 'string') return fixed(inspector.durationMs(path, value))
  inspector.expected(path, "a pause such as '500ms' or between('500ms', '2s')", value)
  return fixed(0)
}

function readBehaviour(inspector: Inspector, path: string, fields: Record<string, unknown>): Behaviour<unknown> {
  for (const hook of ['begin', 'iterate', 'end']) {
    if (fields[hook] !== undefined) inspector.function(at(path, hook), fields[hook])
  }
  if ((fields['iterate'] === undefined) === (fields['tasks'] === undefined)) {
    inspector.note(
      path,
      `expected either iterate or tasks, got ${fields['iterate'] === undefined ? 'neither' : 'both'}`,
    )
  }
  if (fields['tasks'] !== undefined) readTasks(inspector, at(path, 'tasks'), fields['tasks'])
  return fields
}

function readTasks(inspector: Inspector, path: string, value: unknown): void {
  const tasks = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (tasks.length === 0) inspector.expected(path, 'an object with at least one task', value)
  for (const [name, task] of tasks) {
    if (typeof task === 'function') {
      inspector.note(at(path, name), `expected { weight, run }, got ${describe(task)}; write { run: … }`)
      continue
    }
    const { weight, tags, run } = inspector.fields(at(path, name), task, ['weight', 'tags', 'run'])
    readTags(inspector, at(at(path, name), 'tags'), tags)
    if (weight !== undefined) inspector.number(at(at(path, name), 'weight'), weight, { above: 0 })
    inspector.function(at(at(path, name), 'run'), run)
  }
}
