import { describe, expect, it } from 'vitest'
import { LiveExports } from '../../../../../cli/run/live/live-exports.ts'
import type { Destination } from '../../../../../harness/export/destination.ts'
import { ExportUnavailable, type LiveExport } from '../../../../../harness/export/live-export.ts'
import { exposedResult } from '../../../../../harness/report/exposition/exposed-run.ts'
import { passedRun } from '../../../harness/report/fixture.ts'

const otlp: Destination = { kind: 'otlp' }
const prometheus: Destination = { kind: 'prometheus', host: '127.0.0.1', port: 0 }
const never = new AbortController().signal
const run = exposedResult(passedRun())

/** An export that keeps what it is told, or fails. */
function fake(place: string, failing?: 'update' | 'finish') {
  const calls: string[] = []
  const call = (name: string) => {
    calls.push(name)
    if (name === failing) throw new Error('a defect')
  }
  const live: LiveExport = {
    place,
    update: () => call('update'),
    finish: async () => call('finish'),
    close: () => call('close'),
  }
  return { live, calls }
}

function opening(...fakes: { live: LiveExport }[]) {
  const notes: string[] = []
  const tell = (note: string) => void notes.push(note)
  const rest = [...fakes]
  const exports = LiveExports.open(
    [otlp, prometheus].slice(0, fakes.length),
    { env: {}, tell },
    async () => rest.shift()!.live,
  )
  return { exports, notes }
}

describe('LiveExports', () => {
  it('hands every second and the end to each, and says where the metrics are', async () => {
    const [one, other] = [fake('here'), fake('there')]
    const { exports, notes } = opening(one, other)
    const opened = await exports
    opened.update(run)
    await opened.finish(passedRun(), never)
    for (const { calls } of [one, other]) expect(calls).toEqual(['update', 'finish'])
    expect(notes).toEqual(['here', 'there'].map(place => `The metrics of this run are exported to ${place}.`))
  })

  it.each(['update', 'finish'] as const)(
    'ends an export whose %s has a defect, and keeps the others',
    async failing => {
      const [broken, healthy] = [fake('here', failing), fake('there')]
      const { exports, notes } = opening(broken, healthy)
      const opened = await exports
      opened.update(run)
      opened.update(run)
      await opened.finish(passedRun(), never)
      expect(broken.calls.at(-1)).toBe('close')
      expect(broken.calls.filter(call => call === failing)).toHaveLength(1)
      expect(healthy.calls).toEqual(['update', 'update', 'finish'])
      expect(notes.filter(note => note.includes('a defect'))).toHaveLength(1)
    },
  )

  it('closes what it has opened when a further one cannot be used', async () => {
    const first = fake('here')
    let ordinal = 0
    const open = async () => {
      if (ordinal++ > 0) throw new ExportUnavailable('it is taken', 'Take another.')
      return first.live
    }
    const opened = LiveExports.open([otlp, prometheus], { env: {}, tell: () => {} }, open)
    await expect(opened).rejects.toMatchObject({ message: 'it is taken', nextStep: 'Take another.', exitCode: 104 })
    expect(first.calls).toEqual(['close'])
  })

  it('refuses a destination that is given twice', async () => {
    const opened = LiveExports.open([prometheus, { ...prometheus }], { env: {}, tell: () => {} })
    await expect(opened).rejects.toThrow('--export prometheus is given twice')
  })
})
