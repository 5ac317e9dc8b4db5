import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Worksheet } from '../../../labs/worksheet.ts'
import { scratchFolder, startLoadcell } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

describe('loadcell lab', () => {
  it('lists the labs in the order of a course', async () => {
    const { code, output } = await loadcell(['lab'])
    expect(output).toMatch(/^1 +percentiles +What a percentile hides$/m)
    expect(output).toMatch(/^20 +foreign-report/m)
    expect(output).toContain('All of them on a page: loadcell lab --ui')
    expect(code).toBe(0)
  })

  it('runs a lab, grades the predictions, and writes a worksheet that a teacher can read', async () => {
    const cwd = scratchFolder()
    const flags = [
      '--predict',
      'present=15',
      '--set',
      'rate=30',
      '--set',
      'seconds=2',
      '--answer',
      '1',
      '--learner',
      'Ada',
    ]
    const { code, output } = await loadcell(['lab', 'little', ...flags], { cwd })
    expect(output).toContain("Little's law")
    expect(output).toMatch(/mean number of requests at the target +15 +7\.5 +\d/)
    expect(output).toContain('✗ The right answer is 2. Twice as many')
    expect(code).toBe(0)
    const file = join(cwd, 'loadcell-labs/little.json')
    const worksheet = JSON.parse(readFileSync(file, 'utf8')) as Worksheet
    expect(worksheet).toMatchObject({ format: 'loadcell.lab/1', lab: 'little', learner: 'Ada', seed: 1 })
    expect(worksheet.question).toEqual({ answer: 'As many as before', isRight: false })
    expect(worksheet.attempts[0]?.measures[0]).toMatchObject({ predicted: 15, theory: 7.5, nearness: 'off' })
    const graded = await loadcell(['lab', 'grade', file], { cwd })
    expect(graded.output).toMatch(/^Ada +little +wrong +1 +1 +0 +0 +1$/m)
    const json = await loadcell(['lab', 'grade', file, '--json'], { cwd })
    expect(JSON.parse(json.output)).toEqual([
      expect.objectContaining({ learner: 'Ada', predictions: 1, answer: false }),
    ])
  })

  it('refuses what it does not know, and says what there is', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'taken.json'), '{}')
    const refused: [string[], string][] = [
      [['lab', 'litle'], 'did you mean little?'],
      [['lab', 'little', '--set', 'speed=3'], 'This lab has: rate, stayMs, seconds.'],
      [
        ['lab', 'little', '--set', 'rate=1000'],
        'rate: expected a number from 1 per second to 300 per second, got "1000"',
      ],
      [['lab', 'little', '--predict', 'present=many'], '--predict present: expected a number, in count, got "many"'],
      [['lab', 'little', '--answer', '4'], '--answer: expected a number from 1 to 3, got 4'],
      [['lab', 'little', '--file', 'taken.json'], 'taken.json exists already'],
      [['lab', 'little', '--port', '8080'], '--port is for the page'],
      [['lab', 'grade', 'taken.json'], 'taken.json is not a worksheet'],
      [['lab', 'grade', 'nowhere.json'], 'there is no file nowhere.json\n  Give files that `loadcell lab` wrote'],
    ]
    for (const [args, message] of refused) {
      const { code, output } = await loadcell(args, { cwd })
      expect(output).toContain(message)
      expect(code).toBe(104)
    }
    expect(existsSync(join(cwd, 'loadcell-labs'))).toBe(false)
  })

  it('serves a lab on a page, writes the worksheet after the run, and ends with Ctrl-C', async ({ onTestFinished }) => {
    const cwd = scratchFolder()
    const flags = ['--ui', '--set', 'seconds=1', '--learner', 'Ada', '--file', 'ada.json']
    const started = startLoadcell(['lab', 'little', ...flags], { cwd })
    const { child, finished } = started
    onTestFinished(() => void child.kill('SIGKILL'))
    await started.said(/--no-ui/)
    const [address = ''] = /http:\S+\/labs\/little/.exec(started.output()) ?? []
    expect(await (await fetch(address)).text()).toContain('<script type="module" src="/lab/main.js">')
    const act = (action: object) =>
      fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(action) })
    const run = await act({ type: 'run', settings: {}, predictions: { present: '10' } })
    expect(run.status).toBe(204)
    await started.said(/Your worksheet: .*ada\.json/)
    expect((await act({ type: 'answer', option: 2 })).status).toBe(204)
    child.kill('SIGINT')
    expect((await finished).code).toBe(0)
    const worksheet = JSON.parse(readFileSync(join(cwd, 'ada.json'), 'utf8')) as Worksheet
    expect(worksheet).toMatchObject({
      learner: 'Ada',
      question: { isRight: true },
      attempts: [{ settings: { seconds: 1 } }],
    })
    expect(worksheet.attempts[0]!.measures[0]).toMatchObject({ predicted: 10, theory: 10 })
  })

  it('lists what the learner has done here', async () => {
    const cwd = scratchFolder()
    mkdirSync(join(cwd, 'loadcell-labs'))
    const measures = [{ measure: 'present', nearness: 'right' }]
    const worksheet = { format: 'loadcell.lab/1', lab: 'little', learner: 'Ada', attempts: [{ measures }] }
    writeFileSync(join(cwd, 'loadcell-labs/little.json'), JSON.stringify(worksheet))
    const { output } = await loadcell(['lab', '--learner', 'Ada'], { cwd })
    expect(output).toMatch(/^2 +little +Little's law +1 run, not answered$/m)
  })
})
