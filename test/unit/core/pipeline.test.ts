import { expect, it } from 'vitest'
import { isPipeline } from '../../../core/pipeline.ts'

it('a pipeline has CI set, and not to nothing, 0 or false', () => {
  const environments = [{}, { CI: '' }, { CI: '0' }, { CI: 'false' }, { CI: 'true' }, { CI: '1' }, { CI: 'gitlab' }]
  expect(environments.map(isPipeline)).toEqual([false, false, false, false, true, true, true])
})
