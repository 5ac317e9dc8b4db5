import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { rejectUnfitTarget, type ScenarioFlags, withScenarioOptions } from '../../../cli/scenario-options.ts'

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

  it.each([
    [['--control-url', 'http://127.0.0.1:1'], /--control-url is for a target that is already running/],
    [['--target', 'http://127.0.0.1:1', '--target-set', 'a=b'], /--target-set is for the embedded target/],
  ])('are rejected if they are for another target: %j', (args, message) => {
    expect(() => rejectUnfitTarget(read(...args))).toThrow(message)
  })

  it('fit a target with a control plane of its own, and an embedded one with settings', () => {
    rejectUnfitTarget(read('--target', 'http://127.0.0.1:1', '--control-url', 'http://127.0.0.1:2'))
    rejectUnfitTarget(read('--target-set', 'a=b'))
    expect(read('--target-set', 'a=b').targetSet).toEqual({ a: 'b' })
  })
})
