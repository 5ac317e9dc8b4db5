import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { type ScenarioFlags, withScenarioOptions } from '../../../../cli/options/scenario-options.ts'

/** Returns the flags that a command reads from these arguments. */
function read(...args: string[]): ScenarioFlags {
  const command = withScenarioOptions(new Command(), { faults: 'faults', only: 'loads' })
  return command.parse(args, { from: 'user' }).opts()
}

describe('the options of commands that run a scenario', () => {
  it('are empty where nothing is given', () => {
    expect(read()).toEqual({ targetSet: {}, host: {}, var: {}, faults: [], only: [] })
  })

  it('may be repeated', () => {
    expect(read('--var', 'a=1', '--var', 'b=2', '--only', 'x', '--only', 'y', '--faults', 'brownout')).toMatchObject({
      var: { a: '1', b: '2' },
      only: ['x', 'y'],
      faults: ['brownout'],
    })
  })
})
