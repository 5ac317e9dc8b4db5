import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LabDesk, type LabDeskOptions } from '../../../../../cli/lab/page/lab-desk.ts'
import type { LabRunner } from '../../../../../labs/session.ts'
import type { LabAction } from '../../../../../pages/lab/lab-state.ts'

const quick: LabRunner = ({ measures }) =>
  Promise.resolve(Object.fromEntries(Object.keys(measures).map(name => [name, 10])))
const run = (predictions: Record<string, string> = {}): LabAction => ({ type: 'run', settings: {}, predictions })

function desk(options: Partial<LabDeskOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-desk-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const written: string[] = []
  const onWorksheet = (path: string) => void written.push(path)
  const made = new LabDesk({ run: quick, seed: 1, version: '0.0.0', learner: 'Ada', folder, onWorksheet, ...options })
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as object
  return { desk: made, folder, written, read }
}

describe('the desk of a learner', () => {
  it('writes a worksheet after the first run, and the same one after the answer and a new name', async () => {
    const { desk: labs, folder, written, read } = desk()
    await labs.act('little', run({ present: '10' }))
    await Promise.resolve()
    const path = join(folder, 'little.json')
    expect(written).toEqual([path])
    expect(labs.state('little')).toMatchObject({ stage: 'compare', file: path })
    await labs.act('little', { type: 'answer', option: 2 })
    await labs.act('little', { type: 'rename', learner: 'Grace' })
    expect(written).toEqual([path])
    expect(read(path)).toMatchObject({ learner: 'Grace', question: { isRight: true }, attempts: [{}] })
  })

  it('begins again with a new worksheet, and keeps the one of before', async () => {
    const { desk: labs, folder, written } = desk()
    await labs.act('little', run())
    await Promise.resolve()
    await labs.act('little', { type: 'again' })
    expect(labs.state('little')).toMatchObject({ stage: 'predict', attempts: [] })
    await labs.act('little', run())
    await Promise.resolve()
    expect(written).toEqual([join(folder, 'little.json'), join(folder, 'little-2.json')])
  })

  it('gives the file and the settings of the command to its lab, and to no other', async () => {
    const { folder } = desk()
    const file = join(folder, 'mine.json')
    const { desk: labs, written } = desk({ first: { name: 'little', settings: { rate: '80' }, file } })
    expect(labs.state('little').settings[0]).toMatchObject({ name: 'rate', text: '80' })
    await labs.act('knee', run())
    await labs.act('little', run())
    await Promise.resolve()
    expect(written).toEqual([expect.stringMatching(/knee\.json$/), file])
  })

  it('refuses a second run at the same time, because it would change the numbers of the first', async () => {
    const { desk: labs } = desk({ run: () => new Promise(() => {}) })
    await labs.act('little', run())
    await expect(labs.act('knee', run())).rejects.toThrow('the lab little is running')
    await expect(labs.act('little', { type: 'again' })).rejects.toThrow('a run is under way')
    expect(labs.list().labs.filter(({ isRunning }) => isRunning)).toEqual([expect.objectContaining({ name: 'little' })])
  })

  it('shows why a run has no numbers, until the next one begins', async () => {
    let fails = true
    const { desk: labs } = desk({ run: (...all) => (fails ? Promise.reject(new Error('no target')) : quick(...all)) })
    await labs.act('little', run())
    await Promise.resolve()
    expect(labs.state('little')).toMatchObject({ stage: 'predict', failure: 'There are no numbers: no target' })
    fails = false
    await labs.act('little', run())
    expect(labs.state('little')).not.toHaveProperty('failure')
  })

  it('shows a worksheet that cannot be written, and goes on', async () => {
    const { folder } = desk()
    writeFileSync(join(folder, 'file'), '')
    const { desk: labs, written } = desk({ folder: join(folder, 'file') })
    await labs.act('little', run())
    await Promise.resolve()
    expect(labs.state('little').failure).toContain('the worksheet cannot be written')
    expect(written).toEqual([])
  })

  it('lists what the worksheets of this learner say, and counts files that are not worksheets', async () => {
    const { desk: before, folder } = desk()
    await before.act('little', run({ present: '10' }))
    await Promise.resolve()
    await before.act('little', { type: 'answer', option: 1 })
    writeFileSync(join(folder, 'broken.json'), '{')
    const { desk: labs } = desk({ folder })
    const { learner, labs: entries, note } = labs.list()
    expect(learner).toBe('Ada')
    expect(entries.map(({ name }) => name)).toHaveLength(20)
    expect(entries[1]).toEqual({
      name: 'little',
      title: "Little's law",
      isRunning: false,
      done: { runs: 1, predictions: 1, right: 1, near: 0, isRight: false },
    })
    expect(note).toBe('Files in the folder of the worksheets that are not worksheets: 1')
    expect(desk({ folder, learner: 'Grace' }).desk.list().labs[1]).not.toHaveProperty('done')
  })
})
