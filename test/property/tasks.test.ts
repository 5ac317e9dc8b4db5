import * as fc from 'fast-check'
import { test } from 'vitest'
import { assigneeIds, projectIds, taskStatuses } from '../../contract/api/tasks.ts'
import { injectedTarget } from '../support/injected-target.ts'
import { KEPT, SEEDED, type Step, TaskModel } from '../support/task-model.ts'

const Title = fc.constantFrom('a', 'b')
const Fields = {
  // A few of the long texts exceed the limit of a board.
  description: fc.constantFrom('a', 'b', 'long'.repeat(400)),
  status: fc.constantFrom(...taskStatuses),
  priority: fc.constantFrom('low', 'high', 'blocker'),
  project_id: fc.constantFrom(...projectIds),
  assignee_id: fc.constantFrom(...assigneeIds, null),
}
const Client = fc.constantFrom(
  { name: 'ann', tenant: 'public' },
  { name: 'bob', tenant: 'public' },
  { name: 'eve', tenant: 'elsewhere' },
)
const Pick = fc.nat(40)

const common = { client: Client, waitMs: fc.constantFrom(0, 1000) }
const Create = fc.record({
  ...common,
  kind: fc.constant('create' as const),
  body: fc.record({ title: Title, ...Fields }, { requiredKeys: ['title'] }),
  key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined }),
})
const Change = fc.record({
  ...common,
  kind: fc.constant('change' as const),
  pick: Pick,
  body: fc.record({ title: Title, ...Fields }, { requiredKeys: [] }),
  isGuarded: fc.boolean(),
})
const Delete = fc.record({ ...common, kind: fc.constant('delete' as const), pick: Pick, isGuarded: fc.boolean() })
const Get = fc.record({ ...common, kind: fc.constant('get' as const), pick: Pick, isGuarded: fc.boolean() })
const List = fc.record({
  ...common,
  kind: fc.constant('list' as const),
  query: fc.record(
    {
      project_id: fc.constantFrom(...projectIds, 9),
      status: Fields.status,
      priority: Fields.priority,
      assignee_id: fc.constantFrom(...assigneeIds, 9),
      page: fc.integer({ min: 1, max: 4 }),
      limit: fc.integer({ min: 1, max: 5 }),
    },
    { requiredKeys: [] },
  ),
})
const Refused = fc
  .record({
    ...common,
    kind: fc.constant('refused' as const),
    pick: Pick,
    refusal: fc.constantFrom(
      { body: { title: 'x', project_id: 1 }, code: 'unknown_project' },
      { body: { title: 'x', assignee_id: 1 }, code: 'unknown_assignee' },
      { body: { title: '' }, code: 'invalid_request' },
      { body: { title: 'x', status: 'asleep' }, code: 'invalid_request' },
    ),
  })
  .map(({ refusal, ...rest }) => ({ ...rest, ...refusal }))
const Reset = fc.record({ ...common, kind: fc.constant('reset' as const) })
const Steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
    { weight: 30, arbitrary: Create },
    { weight: 30, arbitrary: Change },
    { weight: 10, arbitrary: Delete },
    { weight: 15, arbitrary: Get },
    { weight: 15, arbitrary: List },
    { weight: 5, arbitrary: Refused },
    { weight: 1, arbitrary: Reset },
  ),
  { minLength: 1, maxLength: 80, size: 'max' },
)

test('a board equals a plain list, whatever changes clients make', async () => {
  const target = await injectedTarget({ 'tasks.seeded': String(SEEDED), 'tasks.kept': String(KEPT) })
  await fc.assert(
    fc.asyncProperty(Steps, async steps => {
      await target.send('POST', '/_loadcell/reset?what=data')
      const model = new TaskModel(target)
      for (const step of steps) await model.take(step)
      await model.compareAll()
    }),
    { seed: 11, numRuns: 40 },
  )
})
