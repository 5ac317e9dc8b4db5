import { describe, expect, test } from 'vitest'
import type { NewTask, Task } from '../../../../../contract/api/tasks.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { Board } from '../../../../../target/domain/tasks/board.ts'
import { newTask } from '../../../../../target/domain/tasks/task.ts'
import { TaskIndex } from '../../../../../target/domain/tasks/task-index.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { configuration } from '../../../../support/streams-app.ts'
import { roomy } from '../../../../support/memory.ts'

const AT = '2025-01-01T00:00:00.000Z'
const long = 'x'.repeat(5000)

describe('evicting a task', () => {
  test('removes the oldest created task, and no seeded one', () => {
    const board = boardOf({ seeded: 2, kept: 4 })
    make(board, 3)
    expect(ids(board)).toEqual([5, 4, 2, 1])
    make(board, 1)
    expect(ids(board)).toEqual([6, 5, 2, 1])
  })

  test('never removes the newest task, even if the board began with more than it may keep', () => {
    const board = boardOf({ seeded: 3, kept: 1 })
    make(board, 2)
    expect(ids(board)).toEqual([5, 3, 2, 1])
  })

  test('makes room for long texts', () => {
    const board = boardOf({ seeded: 0, kept: 20 })
    make(board, 3, { title: 't', description: long })
    expect(ids(board)).toEqual([3, 2])
    make(board, 4)
    expect(ids(board)).toEqual([7, 6, 5, 4, 3, 2])
  })

  test('makes room for a text that grew, but not at the cost of the task it belongs to', () => {
    const board = boardOf({ seeded: 0, kept: 20 })
    make(board, 2)
    make(board, 2, { title: 't', description: long })
    const oldest = board.find(1) as Task
    board.replace(board.draft(oldest, { description: long }))
    expect(ids(board)).toEqual([4, 1])
    // What it forgot does not weigh any more.
    make(board, 5)
    expect(ids(board)).toEqual([9, 8, 7, 6, 5, 4, 1])
  })

  test('follows the setting as it is now', () => {
    const settings = new LiveSettings(configuration({ 'tasks.kept': '5' }))
    const board = new Board([], { settings, clock: new FakeClock(), memory: roomy() })
    make(board, 5)
    settings.change({ ...settings.current, tasks: { seeded: 0, kept: 2 } })
    make(board, 1)
    expect(ids(board)).toEqual([6, 5])
  })
})

test('the id of a deleted task is not given again', () => {
  const board = boardOf({ seeded: 1, kept: 10 })
  const made = make(board, 1)
  board.remove(made)
  expect(make(board, 1).id).toBe(3)
})

test('a refused task takes no id', () => {
  const board = boardOf({ seeded: 1, kept: 10 })
  expect(() => board.create({ title: 'x', project_id: 7 })).toThrow('expected one of 2001, 2002, 2003, got 7')
  expect(make(board, 1).id).toBe(2)
})

test('a draft changes nothing until it is committed', () => {
  const board = boardOf({ seeded: 0, kept: 10 })
  const task = make(board, 1, { title: 'x', assignee_id: 301 })
  const draft = board.draft(task, { status: 'done', assignee_id: null })
  expect(board.list({ assignee_id: 301 }, 0, 10)).toEqual({ items: [task], total: 1 })
  board.replace(draft)
  expect(board.list({ assignee_id: 301 }, 0, 10)).toEqual({ items: [], total: 0 })
  expect(board.find(1)).toEqual({ ...task, status: 'done', assignee_id: null, version: 2 })
})

test('a draft without changes is the task itself', () => {
  const board = boardOf({ seeded: 0, kept: 10 })
  const task = make(board, 1, { title: 'x', assignee_id: 301 })
  expect(board.draft(task, {})).toBe(task)
  expect(board.draft(task, { title: 'x', assignee_id: 301, status: 'open' })).toBe(task)
})

test('a filter looks among the tasks of its rarest value only', () => {
  const index = new TaskIndex()
  for (let id = 1; id <= 100; id += 1) {
    const rare = id % 50 === 0
    index.add(newTask(id, { title: 't', project_id: 2002, priority: rare ? 'urgent' : 'low', assignee_id: 301 }, AT))
  }
  expect(index.candidates({ project_id: 2002, priority: 'urgent', assignee_id: 301 }).length).toBe(2)
  expect(index.candidates({ project_id: 2002, priority: 'unheard of' }).length).toBe(0)
  expect(index.candidates({}).length).toBe(100)
})

test('a value that no task has any more is forgotten', () => {
  const index = new TaskIndex()
  const task = newTask(1, { title: 't', priority: 'first' }, AT)
  index.add(task)
  expect(index.values).toBe(4)
  const changed = { ...task, priority: 'second' }
  index.replace(task, changed)
  expect(index.values).toBe(4)
  index.remove(changed)
  expect(index.values).toBe(0)
})

function boardOf({ seeded, kept }: { seeded: number; kept: number }): Board {
  const settings = new LiveSettings(configuration({ 'tasks.kept': String(kept) }))
  const tasks = Array.from({ length: seeded }, (_, index) => newTask(index + 1, { title: 'seeded' }, AT))
  return new Board(tasks, { settings, clock: new FakeClock(), memory: roomy() })
}

/** The last of so many. */
function make(board: Board, count: number, request: NewTask = { title: 't' }): Task {
  const tasks = Array.from({ length: count }, () => board.create(request))
  return tasks.at(-1) as Task
}

function ids(board: Board): number[] {
  return board.list({}, 0, 100).items.map(({ id }) => id)
}
