import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Task } from '../../../../../contract/api/tasks.ts'
import { newTask } from '../../../../../target/domain/tasks/task.ts'
import { TaskList } from '../../../../../target/domain/tasks/task-list.ts'

const AT = '2025-01-01T00:00:00.000Z'
/** Over several blocks, so that some are parted and some come to their end. */
const MOST_IDS = 3000

test('a list equals a sorted array', () => {
  const Run = fc.record({
    kind: fc.constantFrom('add', 'remove', 'replace'),
    from: fc.integer({ min: 1, max: MOST_IDS }),
    count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 400, max: 1500 })),
    isBackwards: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(Run, { minLength: 1, maxLength: 30, size: 'max' }), runs => {
      const list = new TaskList()
      const model = new Map<number, Task>()
      for (const { kind, from, count, isBackwards } of runs) {
        const ids = Array.from({ length: count }, (_, index) => from + index)
        for (const id of isBackwards ? ids.reverse() : ids) {
          const task = newTask(id, { title: `${kind} ${from}` }, AT)
          const held = model.get(id)
          if (kind === 'add' && held === undefined) list.add(task)
          else if (kind === 'replace' && held !== undefined) list.replace(task)
          else if (kind === 'remove' && held !== undefined) list.remove(held)
          else continue
          if (kind === 'remove') model.delete(id)
          else model.set(id, task)
        }
        const newestFirst = [...model.values()].sort((a, b) => b.id - a.id)
        expect(list.length).toBe(newestFirst.length)
        for (const place of [0, 1, 511, 512, 513, from]) {
          expect(isSame(seen(list, place), newestFirst.slice(place))).toBe(true)
        }
      }
    }),
    { seed: 5, numRuns: 60 },
  )
})

test('a visit ends when it has seen enough', () => {
  const list = new TaskList()
  for (let id = 1; id <= 1000; id += 1) list.add(newTask(id, { title: 't' }, AT))
  expect(seen(list, 10, 3).map(({ id }) => id)).toEqual([990, 989, 988])
})

function seen(list: TaskList, from: number, most = Number.POSITIVE_INFINITY): Task[] {
  const tasks: Task[] = []
  list.visit(from, task => (tasks.push(task) < most ? 'more' : 'enough'))
  return tasks
}

/** The very same tasks: comparing a thousand of them by their fields would take long. */
function isSame(some: Task[], others: Task[]): boolean {
  return some.length === others.length && some.every((task, place) => task === others[place])
}
