import { expect, it } from 'vitest'
import { quotedStart } from '../../../core/quoted-start.ts'

it('a text is quoted, and cut after 80 characters', () => {
  expect(quotedStart('a "b"\n')).toBe(String.raw`"a \"b\"\n"`)
  expect(quotedStart('x'.repeat(81))).toBe(`"${'x'.repeat(80)}"`)
})
