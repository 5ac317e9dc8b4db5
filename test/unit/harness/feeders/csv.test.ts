import { describe, expect, it } from 'vitest'
import { readCsv } from '../../../../harness/feeders/csv.ts'

describe('readCsv', () => {
  it('reads more lines than a function takes arguments', () => {
    const rows = readCsv(`id,name\n${'1,a\n'.repeat(200_000)}`)
    expect({ count: rows.length, last: rows.at(-1) }).toEqual({ count: 200_000, last: { id: '1', name: 'a' } })
  })
})
