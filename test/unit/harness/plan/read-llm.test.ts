import { expect, it } from 'vitest'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { noteMissingObjective, readLlm } from '../../../../harness/plan/read-llm.ts'
import { readGivenThresholds } from '../../../../harness/plan/read-thresholds.ts'
import { builtInVocabulary } from '../../../../harness/metrics/vocabulary.ts'

function read(written: unknown) {
  const inspector = new Inspector()
  return { llm: readLlm(inspector, 'llm', written), errors: inspector.errors }
}

it('reads an objective, either part of which may be missing', () => {
  expect(read(undefined)).toEqual({ llm: {}, errors: [] })
  expect(read({})).toEqual({ llm: {}, errors: [] })
  expect(read({ goodput: { ttft: '500ms', tpot: 40 } })).toEqual({
    llm: { goodput: { ttft: 500, tpot: 40 } },
    errors: [],
  })
  expect(read({ goodput: { tpot: '1s' } }).llm).toEqual({ goodput: { tpot: 1000 } })
})

it.each([
  [{ goodput: {} }, "llm.goodput: expected a limit such as { ttft: '500ms' }"],
  [{ goodput: { ttft: 'soon' } }, 'llm.goodput.ttft: expected a duration'],
  [{ goodput: { itl: '5ms' } }, 'llm.goodput.itl: there is no such key'],
  [{ model: 'x' }, 'llm.model: there is no such key'],
])('says what is wrong with %j at its place', (written, error) => {
  expect(read(written).errors[0]).toContain(error)
})

it.each([
  ['llm_goodput rate>0.9', {}, 1],
  ['llm_goodput{name:x} rate>0.9', {}, 1],
  ['llm_goodput rate>0.9', { goodput: { ttft: 500 } }, 0],
  ['llm_completion_tokens count>1', {}, 0],
] as const)('finds a threshold for goodput without an objective: %s with %j', (threshold, llm, count) => {
  const inspector = new Inspector()
  noteMissingObjective(
    inspector,
    '--threshold',
    readGivenThresholds(inspector, '--threshold', [threshold], builtInVocabulary),
    llm,
  )
  expect(inspector.errors).toHaveLength(count)
})
