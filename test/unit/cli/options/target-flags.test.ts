import { expect, it } from 'vitest'
import { InputError } from '../../../../cli/process/input-error.ts'
import { checkControlUrl, checkTargetFlags } from '../../../../cli/options/target-flags.ts'

const url = 'http://127.0.0.1:1'

it('a control plane without its target is refused, with the flag of the command', () => {
  const refused = new InputError(
    '--control-url is for a target that is already running',
    'Give the URL of that target with --target as well.',
  )
  expect(() => checkTargetFlags({ controlUrl: url, targetSet: {} })).toThrow(refused)
  const audit = new InputError(refused.message, 'Give the URL of that target with --url as well.')
  expect(() => checkControlUrl(url, undefined, '--url')).toThrow(audit)
})

it('settings for a target that runs already are refused', () => {
  const flags = { target: url, targetSet: { 'log.level': 'warn' } }
  expect(() => checkTargetFlags(flags)).toThrow('--target-set is for the embedded target, and --target names another')
})

it.each<Parameters<typeof checkTargetFlags>[0]>([
  { target: url, controlUrl: url, targetSet: {} },
  { target: url, targetSet: {} },
  { targetSet: { 'log.level': 'warn' } },
])('flags that fit together are accepted: %j', flags => {
  expect(() => checkTargetFlags(flags)).not.toThrow()
})
