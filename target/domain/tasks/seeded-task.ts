import { assigneeIds, projectIds, type Task, taskPriorities, type TaskStatus } from '../../../contract/api/tasks.ts'
import { type Random, randomInteger, weightedPick } from '../../../core/random.ts'
import { oneOf, type Vocabulary } from '../vocabulary.ts'

/** One of the tasks that every board has from the start, ids from 1: the same for the same seed, whatever else was drawn. */
export function seededTask(id: number, random: Random, { chores, descriptions }: Vocabulary): Task {
  const draws = random.fork('tasks', id)
  const chore = oneOf(draws, chores)
  const made = FIRST_MADE_AT_MS + id * APART_MS + randomInteger(draws, APART_MS)
  const status = weightedPick(draws, STATUSES)
  const createdAt = new Date(made).toISOString()
  return {
    id,
    project_id: oneOf(draws, projectIds),
    title: chore.charAt(0).toUpperCase() + chore.slice(1),
    description: oneOf(draws, descriptions),
    status: status.name,
    priority: oneOf(draws, taskPriorities),
    assignee_id: draws.next() < UNASSIGNED_SHARE ? null : oneOf(draws, assigneeIds),
    version: 1,
    created_at: createdAt,
    updated_at: createdAt,
  }
}

const FIRST_MADE_AT_MS = Date.UTC(2024, 0, 1)
/** With the most tasks that may be seeded, the last is still made in the past. */
const APART_MS = 5 * 60_000
const UNASSIGNED_SHARE = 0.2
const STATUSES: { name: TaskStatus; weight: number }[] = [
  { name: 'open', weight: 45 },
  { name: 'in_progress', weight: 25 },
  { name: 'done', weight: 30 },
]
