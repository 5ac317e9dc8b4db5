import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpositionReader } from '../../harness/server/exposition/exposition-reader.ts'
import { type ExposedSample, MalformedExposition } from '../../harness/server/exposition/sample-line.ts'

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/)
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/)
// A line cannot have a carriage return at its end, and text is UTF-8.
const text = fc.string({ unit: 'binary', maxLength: 12 }).map(each => each.toWellFormed())
const value = fc.oneof(fc.double(), fc.integer().map(Number))
const sample: fc.Arbitrary<ExposedSample> = fc.record({ name, labels: fc.dictionary(label, text), value })

const escaped = (each: string) =>
  each.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`)

function valueText(number: number): string {
  if (Number.isNaN(number)) return 'NaN'
  return Number.isFinite(number) ? String(number) : number > 0 ? '+Inf' : '-Inf'
}

function lineOf({ name, labels, value }: ExposedSample, space: string): string {
  const pairs = Object.entries(labels).map(([key, each]) => `${key}${space}=${space}"${escaped(each)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(`${space},`)}}`} ${valueText(value)}\n`
}

function read(bytes: Buffer, cut: number): ExposedSample[] {
  const samples: ExposedSample[] = []
  const reader = new ExpositionReader({ onSample: each => samples.push(each) })
  reader.push(bytes.subarray(0, cut))
  reader.push(bytes.subarray(cut))
  reader.end()
  return samples
}

describe('ExpositionReader', () => {
  it('reads every sample as it was written, wherever the page is cut', () => {
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('', ' '),
        fc.nat(),
        (samples, space, cut) => {
          const bytes = Buffer.from(samples.map(each => lineOf(each, space)).join(''))
          const found = read(bytes, cut % bytes.length)
          expect(found.map(each => ({ ...each, labels: Object.entries(each.labels) }))).toEqual(
            samples.map(each => ({ ...each, labels: Object.entries(each.labels), value: each.value + 0 })),
          )
        },
      ),
      { seed: 1, numRuns: 300 },
    )
  })

  it('refuses any other page with a reason, and never fails otherwise', () => {
    const piece = fc.oneof(
      text,
      fc.constantFrom('{', '}', '"', '=', ',', '\\', ' ', '\n', '# TYPE ', 'counter', 'a', '1', 'NaN', '# EOF', '\t'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(), (pieces, cut) => {
        const bytes = Buffer.from(pieces.join(''))
        try {
          read(bytes, cut % (bytes.length + 1))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedExposition)
        }
      }),
      { seed: 2, numRuns: 1000 },
    )
  })
})
