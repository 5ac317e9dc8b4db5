import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mutations } from '../../../../calibration/mutations/mutations.ts'
import { auditedScenarios, unauditedScenarios } from '../../../../calibration/mutations/ready-scenarios.ts'

const ready = readdirSync(new URL('../../../../scenarios/', import.meta.url))
  .filter(file => file.endsWith('.ts'))
  .map(file => file.replace(/\.ts$/, ''))

describe('the ready scenarios', () => {
  it('are all audited, or there is a reason why not', () => {
    const named = [...auditedScenarios.map(({ name }) => name), ...Object.keys(unauditedScenarios)]
    expect(named.toSorted()).toEqual(ready.toSorted())
  })

  it.each(auditedScenarios)('$name has blind spots that are mutations', ({ blindSpots = {} }) => {
    const ids = mutations.map(({ id }) => id)
    expect(Object.keys(blindSpots).filter(id => !ids.includes(id))).toEqual([])
  })
})
