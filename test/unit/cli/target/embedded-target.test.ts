import { expect, it } from 'vitest'
import { startEmbeddedTarget } from '../../../../cli/target/embedded-target.ts'
import { InputError } from '../../../../cli/process/input-error.ts'
import { exitCodes } from '../../../../harness/results/exit-codes.ts'

const interrupted = new InputError('interrupted', undefined, exitCodes.interrupted)

it('a start that is interrupted fails with the reason, so that the command ends as interrupted', async () => {
  const stop = new AbortController()
  const starting = startEmbeddedTarget({}, { signal: stop.signal })
  stop.abort(interrupted)
  await expect(starting).rejects.toBe(interrupted)
})

it('a start after an interrupt fails as well', async () => {
  await expect(startEmbeddedTarget({}, { signal: AbortSignal.abort(interrupted) })).rejects.toBe(interrupted)
})
