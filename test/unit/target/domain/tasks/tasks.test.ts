import { expect, test } from 'vitest'
import { assigneeIds, projectIds, taskPriorities, taskStatuses } from '../../../../../contract/api/tasks.ts'
import { random } from '../../../../../core/random.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { seededTask, Tasks } from '../../../../../target/domain/tasks/tasks.ts'
import { createVocabulary } from '../../../../../target/domain/vocabulary.ts'
import { Lifecycle } from '../../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { configuration } from '../../../../support/streams-app.ts'
import { plenty } from '../../../../support/memory.ts'

const vocabulary = createVocabulary(random(1))

test('a seeded task is the same whatever was drawn before', () => {
  const seed = random(1)
  const forwards = [1, 2, 3].map(id => seededTask(id, seed, vocabulary))
  const backwards = [3, 2, 1].map(id => seededTask(id, seed, vocabulary)).reverse()
  expect(backwards).toEqual(forwards)
  expect(seededTask(1, random(2), vocabulary)).not.toEqual(forwards[0])
})

test('seeded tasks have every project, status, priority and assignee, and some have none', () => {
  const tasks = Array.from({ length: 300 }, (_, index) => seededTask(index + 1, random(1), vocabulary))
  const values = <T>(of: (task: (typeof tasks)[number]) => T) => new Set(tasks.map(of))
  expect(values(task => task.project_id)).toEqual(new Set(projectIds))
  expect(values(task => task.status)).toEqual(new Set(taskStatuses))
  expect(values(task => task.priority)).toEqual(new Set(taskPriorities))
  expect(values(task => task.assignee_id)).toEqual(new Set([...assigneeIds, null]))
  const times = tasks.map(task => task.created_at)
  expect(times).toEqual(times.toSorted())
})

test('each tenant has a board of its own, which begins as all do', () => {
  const tasks = tasksOf({})
  const [ours, theirs] = [tasks.board('ours'), tasks.board('theirs')]
  expect(ours.list({}, 0, 5)).toEqual(theirs.list({}, 0, 5))
  ours.remove(ours.find(5)!)
  expect({ oursFind5: ours.find(5), tasksBoardOursFind5: tasks.board('ours').find(5) }).toEqual({
    oursFind5: undefined,
    tasksBoardOursFind5: undefined,
  })
  expect(theirs.find(5)?.id).toBe(5)
})

test('one tenant more than may be is refused until the reset while all others are in use and have changed something', () => {
  const tasks = tasksOf({ 'streams.tenants': '2' })
  for (const tenant of ['a', 'b']) tasks.board(tenant).create({ title: 'mine' })
  expect(() => tasks.board('c')).toThrow(expect.objectContaining({ code: 'too_many_tenants' }))
  tasks.board('a')
  tasks.reset()
  expect(tasks.board('c').list({}, 0, 0).total).toBe(5)
})

test('the reset restores deleted tasks and removes created ones', () => {
  const tasks = tasksOf({})
  const before = tasks.board('a').list({}, 0, 10)
  tasks.board('a').remove(tasks.board('a').find(2)!)
  tasks.board('a').create({ title: 'new' })
  tasks.reset()
  expect(tasks.board('a').list({}, 0, 10)).toEqual(before)
  expect(tasks.board('a').create({ title: 'new' }).id).toBe(6)
})

function tasksOf(flags: Record<string, string>): Tasks {
  const settings = new LiveSettings(configuration({ 'tasks.seeded': '5', ...flags }))
  return new Tasks({
    settings,
    vocabulary,
    clock: new FakeClock(),
    random: random(1),
    memory: plenty(),
    lifecycle: new Lifecycle(),
  })
}
