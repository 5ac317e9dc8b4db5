import { Ajv2020 } from 'ajv/dist/2020.js'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { HarnessCertificate } from '../../../calibration/harness/certificate.ts'
import { root } from '../../support/markdown.ts'
import { loadcell, scratchFolder } from './loadcell.ts'

it('a quick calibration of the chosen subjects finds nothing outside, and writes its certificate', async () => {
  const folder = scratchFolder()
  const [json, html, page] = ['certificate.json', 'certificate.html', 'page.md'].map(name => join(folder, name))
  writeFileSync(page!, '# Ours\n\n<!-- calibration: begin -->\nBefore.\n<!-- calibration: end -->\nThe end.\n')
  const flags = [
    '--quick',
    '--subject',
    'omission',
    '--subject',
    'delivery',
    '--json',
    json!,
    '--html',
    html!,
    '--write',
    page!,
  ]
  const { code, output } = await loadcell(['calibrate', 'harness', ...flags])
  const certificate = JSON.parse(readFileSync(json!, 'utf8')) as HarnessCertificate

  const schema = JSON.parse(readFileSync(join(root, 'schemas/harness-calibration-1.json'), 'utf8')) as object
  const validate = new Ajv2020({ strict: false }).compile(schema)
  expect(validate(certificate), JSON.stringify(validate.errors)).toBe(true)
  expect(certificate.subjects.map(({ name }) => name)).toEqual(['omission', 'delivery'])
  for (const { name, rows } of certificate.subjects) expect(rows.length, name).toBeGreaterThan(0)

  const rows = certificate.subjects.flatMap(subject => subject.rows)
  expect(rows.filter(({ state }) => state === 'outside')).toEqual([])
  expect(code, output).toBe(0)
  // Counts do not depend on how busy the machine is.
  const exact = rows.filter(({ unit, interval }) => unit === 'count' && interval.low === interval.high)
  expect(exact.length).toBeGreaterThan(20)

  const invalid = rows.filter(({ state }) => state === 'invalid').length
  expect(certificate.counts.invalid).toBe(invalid)
  if (invalid > 0) {
    expect(output).toMatch(/^(ONE ROW IS|\d+ ROWS ARE) INVALID: the machine was too busy/m)
    process.stderr.write(
      `\n*** calibrate harness: ${invalid} of ${rows.length} rows are INVALID, because this machine is too busy. They prove nothing. ***\n`,
    )
  }
  const word = invalid > 0 ? 'UNPROVEN' : 'CALIBRATED'
  expect(output).toMatch(new RegExp(`^${word}: `, 'm'))
  expect(readFileSync(html!, 'utf8')).toContain(`<h1>${word}</h1>`)
  expect(readFileSync(page!, 'utf8')).toMatch(new RegExp(`^# Ours\n[^]*\\*\\*${word}\\*\\*: [^]*\nThe end\\.\n$`))
}, 300_000)

it('a certificate that could not be written is refused before anything runs', async () => {
  const file = join(scratchFolder(), 'nowhere', 'certificate.json')
  const { code, output } = await loadcell(['calibrate', 'harness', '--quick', '--json', file])
  expect(code).toBe(104)
  expect(output).toContain(`${file} cannot be written to: `)
  expect(output).toContain('Name another file, in a folder that exists, with --json.')
})

it('a certificate overwrites no file, and none is left if it cannot be completed', async () => {
  const folder = scratchFolder()
  const [json, html] = ['certificate.json', 'certificate.html'].map(name => join(folder, name))
  writeFileSync(html!, 'Ours.\n')
  const { code, output } = await loadcell(['calibrate', 'harness', '--quick', '--json', json!, '--html', html!])
  expect(code).toBe(104)
  expect(output).toContain(`${html} exists already, and nothing is overwritten`)
  expect(readFileSync(html!, 'utf8')).toBe('Ours.\n')
  expect(existsSync(json!)).toBe(false)
})
