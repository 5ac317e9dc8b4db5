import { expect, it } from 'vitest'
import { repeatCommand } from '../../../../harness/report/repeat.ts'
import { passedRun } from './fixture.ts'

it('gives hosts their URLs again, and tells the run to a target that is not recognised', () => {
  const { run } = passedRun()
  const overrides = { hosts: { api: 'http://***@127.0.0.1:4000/a b' }, identify: true }
  expect(repeatCommand({ ...run, overrides })).toMatch(
    / --host 'api=http:\/\/\*\*\*@127\.0\.0\.1:4000\/a b'.* --identify$/,
  )
})
