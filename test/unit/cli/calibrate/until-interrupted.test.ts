import { afterEach, expect, it, vi } from 'vitest'
import { untilInterrupted } from '../../../../cli/calibrate/until-interrupted.ts'

afterEach(() => void vi.restoreAllMocks())

class Left extends Error {
  readonly code: number
  constructor(code: number) {
    super(`left with ${code}`)
    this.code = code
  }
}

function interruptible(measure: (stop: AbortSignal, keep: (part: string) => void) => Promise<string>) {
  const printed: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation(text => printed.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  let handle: (signal: NodeJS.Signals) => void = () => {}
  const interrupts = { takeOver: (given: typeof handle) => void (handle = given) }
  const leave = (code: number): never => {
    throw new Left(code)
  }
  const linesOf = (parts: readonly string[]) => parts.map(part => `- ${part}`)
  const ended = untilInterrupted(interrupts, { measure, linesOf, part: 'subject' }, leave)
  return { ended, printed, interrupt: () => handle('SIGINT') }
}

const untilStopped = (stop: AbortSignal) =>
  new Promise<never>((_, reject) => stop.addEventListener('abort', () => reject(stop.reason as Error)))

it('a calibration without an interrupt returns its result and prints nothing', async () => {
  const { ended, printed } = interruptible((_, keep) => {
    keep('latency')
    return Promise.resolve('calibrated')
  })
  expect(await ended).toBe('calibrated')
  expect(printed).toEqual([])
})

it('the first interrupt prints the parts that are complete, and leaves when the rest has ended', async () => {
  const { ended, printed, interrupt } = interruptible((stop, keep) => {
    keep('latency')
    keep('counts')
    return untilStopped(stop)
  })
  interrupt()
  await expect(ended).rejects.toMatchObject({ code: 105 })
  expect(printed.join('')).toBe(
    'INCOMPLETE: interrupted after 2 subjects. Nothing was written to a file.\n- latency\n- counts\n',
  )
})

it('the second interrupt leaves at once, although the rest has not ended', () => {
  const { printed, interrupt } = interruptible(() => new Promise(() => {}))
  interrupt()
  expect(interrupt).toThrow('left with 105')
  expect(printed).toEqual([])
})

it('an error without an interrupt stays an error', async () => {
  const { ended, printed } = interruptible(() => Promise.reject(new Error('no target')))
  await expect(ended).rejects.toThrow('no target')
  expect(printed).toEqual([])
})

it('a calibration that is complete before it notices the interrupt is complete', async () => {
  const { ended, interrupt } = interruptible(() => Promise.resolve('calibrated'))
  interrupt()
  expect(await ended).toBe('calibrated')
})
