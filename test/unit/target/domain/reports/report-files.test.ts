import { describe, expect, it } from 'vitest'
import { parse } from 'csv-parse/sync'
import { systemClock } from '../../../../../core/clock.ts'
import { csvLine, type Dataset, datasetOf } from '../../../../../target/domain/reports/datasets.ts'
import { ReportFiles } from '../../../../../target/domain/reports/report-files.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { tiny } from './support.ts'
import { roomy } from '../../../../support/memory.ts'

/** The content of a file. */
const asked = (tenant = 'public', format: 'csv' | 'json' = 'csv') =>
  ({ dataset: 'orders', format, owner: { tenant } }) as const

function counting(isPerTenant: boolean) {
  const made: string[] = []
  const orders: Dataset<{ id: number }> = {
    ...tiny,
    isPerTenant,
    records(tenant) {
      made.push(tenant)
      return [{ id: tenant.length }]
    },
  }
  return { made, datasets: { products: tiny, categories: tiny, orders } }
}

describe('a line of CSV', () => {
  it('is quoted where it must be', () => {
    expect(csvLine(['plain', 'a,b', 'say "hi"', 'two\nlines', 'cr\r', '', null, 1.5, ' edge '])).toBe(
      'plain,"a,b","say ""hi""","two\nlines","cr\r",,,1.5, edge \r\n',
    )
  })

  it('is parsed back to the same rows', () => {
    const cells = ['"', '""', ',', '\r\n', 'ünï', "'", ';', '\t']
    expect(parse(csvLine(cells))).toEqual([cells])
  })
})

describe('the type of a report', () => {
  it.each([
    ['products', 'products'],
    ['Inventory_Summary', 'products'],
    ['category-totals', 'categories'],
    ['sales', 'orders'],
    ['', 'orders'],
  ])('%j is about %s', (type, dataset) => expect(datasetOf(type)).toBe(dataset))
})

describe('files', () => {
  it('are rendered once for all', async () => {
    const { made, datasets } = counting(false)
    const files = new ReportFiles(datasets, systemClock, roomy())
    const all = await Promise.all([files.fileOf(asked()), files.fileOf(asked()), files.fileOf(asked('other'))])
    expect(new Set(all.map(({ bytes }) => bytes)).size).toBe(1)
    expect(made).toEqual(['public'])
    const json = await files.fileOf(asked('public', 'json'))
    expect(JSON.parse(json.bytes.toString())).toEqual([{ id: 6 }])
    expect(json.etag).not.toBe(all[0].etag)
  })

  it('are of each tenant its own where its records are, of as many as there is room for', async () => {
    const { made, datasets } = counting(true)
    const files = new ReportFiles(datasets, systemClock, roomy())
    const first = await files.fileOf(asked('first'))
    expect(first.bytes.toString()).toBe('id\r\n5\r\n')
    for (let tenant = 0; tenant < 63; tenant++) await files.fileOf(asked(`t${tenant}`))
    await files.fileOf(asked('first'))
    expect(made.length).toBe(64)
    await files.fileOf(asked('one more'))
    await files.fileOf(asked('first'))
    expect(made.length).toBe(65)
    await files.fileOf(asked('t0'))
    expect(made.at(-1)).toBe('t0')
    for (let tenant = 0; tenant < 64; tenant++) await files.fileOf(asked(`u${tenant}`))
    expect((await files.fileOf(asked('first'))).etag).toBe(first.etag)
    expect(made.at(-1)).toBe('first')
  })

  it('of many records let the event loop turn, and are complete', async () => {
    const RECORDS = 200
    // Every look at this clock takes a millisecond.
    let looks = 0
    let turns = 0
    const clock = {
      ...systemClock,
      now: () => looks++,
      sleep: async () => {
        turns += 1
      },
    }
    const records = () => Array.from({ length: RECORDS }, (_, id) => ({ id }))
    const files = new ReportFiles({ products: tiny, categories: tiny, orders: { ...tiny, records } }, clock, roomy())
    const json = await files.fileOf(asked('public', 'json'))
    expect(JSON.parse(json.bytes.toString())).toEqual(records())
    expect(turns).toBeGreaterThan(RECORDS / 10)
    const csv = await files.fileOf(asked())
    expect(parse(csv.bytes, { columns: true })).toEqual(records().map(({ id }) => ({ id: String(id) })))
  })

  it('without records are valid', async () => {
    const empty = { ...tiny, records: () => [] }
    const files = new ReportFiles({ products: tiny, categories: tiny, orders: empty }, systemClock, roomy())
    expect(JSON.parse((await files.fileOf(asked('public', 'json'))).bytes.toString())).toEqual([])
    expect((await files.fileOf(asked())).bytes.toString()).toBe('id\r\n')
  })

  it('that are forgotten while they are rendered are counted to the end of the rendering, and no longer', async () => {
    const { datasets } = counting(false)
    const clock = new FakeClock()
    const memory = roomy()
    const files = new ReportFiles(datasets, clock, memory)
    const rendering = files.fileOf(asked())
    expect(memory.bytes).toBeGreaterThan(0)
    expect(files.forgetOldest()).toBe(true)
    expect(memory.bytes).toBeGreaterThan(0)
    const { hold } = await clock.finish(rendering)
    expect(memory.bytes).toBe(0)
    hold.take()
    hold.letGo()
    expect(memory.bytes).toBe(0)
  })

  it('that are being rendered are given up when all are cleared, and rendered again after', async () => {
    const { made, datasets } = counting(false)
    const clock = new FakeClock()
    const files = new ReportFiles(datasets, clock, roomy())
    const given = files.fileOf(asked())
    files.clear()
    await expect(given).rejects.toMatchObject({ code: 'not_found' })
    expect((await clock.finish(files.fileOf(asked()))).bytes.length).toBeGreaterThan(0)
    expect(made.length).toBe(2)
  })
})
