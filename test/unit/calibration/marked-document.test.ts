import { expect, it } from 'vitest'
import { withCalibration } from '../../../calibration/marked-document.ts'

it('a calibration replaces the text between the markers of a document, also when it is repeated', () => {
  const begin = '<!-- calibration: begin -->'
  const end = '<!-- calibration: end -->'
  const once = withCalibration(`a\n${begin}\n${end}\nz`, 'table')
  expect(once).toBe(`a\n${begin}\n\ntable\n\n${end}\nz`)
  expect(withCalibration(once, 'table')).toBe(once)
  expect(() => withCalibration(`${end} ${begin}`, 'table')).toThrow(RangeError)
})
