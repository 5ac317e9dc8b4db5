import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { kneePicture } from '../../../../calibration/stations/knee-picture.ts'

it('the picture of the knee in the documentation is up to date', () => {
  const file = resolve(import.meta.dirname, '../../../../docs/images/knee.svg')
  // After a change: node calibration/knee-picture.ts > docs/images/knee.svg
  expect(readFileSync(file, 'utf8')).toBe(kneePicture())
})
