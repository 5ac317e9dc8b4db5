import { describe, expect, it } from 'vitest'
import { namesIn, readable, toolIn } from '../../../../../cli/audit/report/report-flags.ts'
import { InputError } from '../../../../../cli/process/input-error.ts'
import { ReportError } from '../../../../../calibration/audit/tool.ts'

describe('toolIn', () => {
  it('returns the tool that the user named, a reader of columns, or none', async () => {
    expect((await toolIn({ tool: 'JMeter', name: {} }))?.name).toBe('jmeter')
    expect((await toolIn({ columns: 'elapsed=took:ms', name: {} }))?.name).toBe('columns')
    expect(await toolIn({ name: {} })).toBeUndefined()
  })

  it.each([
    [{ tool: 'gattling' }, /no reader for the reports of "gattling"[^]*Known reports:/],
    [{ columns: 'name=label' }, /--columns: expected a column for elapsed/],
    [{ tool: 'jmeter', columns: 'elapsed=took:ms' }, /--tool and --columns both/],
  ])('rejects %o', async (flags, message) => {
    const error = await toolIn({ ...flags, name: {} }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).message).toMatch(message)
  })
})

describe('namesIn', () => {
  it('maps names to operations', () => {
    expect([...namesIn({ name: { 'Log in': 'auth.login', '404s': 'unmatched' } })]).toEqual([
      ['Log in', 'auth.login'],
      ['404s', 'unmatched'],
    ])
  })

  it('suggests the operation that was meant', () => {
    expect(() => namesIn({ name: { a: 'orders.crate' } })).toThrow(/no operation "orders\.crate"; did you mean orders/)
  })
})

describe('readable', () => {
  it('passes what was read, and other errors than those of a report', async () => {
    expect(await readable(() => 7)).toBe(7)
    await expect(
      readable(() => {
        throw new RangeError('mine')
      }),
    ).rejects.toThrow(RangeError)
    await expect(
      readable(() => {
        throw new ReportError('cut off')
      }),
    ).rejects.toThrow(InputError)
  })
})
