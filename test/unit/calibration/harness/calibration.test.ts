import { expect, it } from 'vitest'
import { exactRow } from '../../../../calibration/check-row.ts'
import { calibrateHarness } from '../../../../calibration/harness/calibration.ts'
import type { Subject } from '../../../../calibration/harness/subject.ts'
import { harnessTargetSettings } from '../../../../calibration/harness/target-settings.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

it('a calibration checks its subjects one after another at one target, and certifies their rows', async () => {
  const log: unknown[] = []
  const subject = (name: Subject['name'], observed: number): Subject => ({
    name,
    title: name,
    question: `${name}?`,
    method: 'By counting.',
    async check({ targetUrl, size, seed }) {
      log.push([name, targetUrl, size, seed])
      return { rows: [exactRow(name, 1, observed)] }
    },
  })
  const certificate = await calibrateHarness({
    clock: new FakeClock(),
    seed: 5,
    version: '1.0.0',
    engine: 'lean',
    size: 'quick',
    subjects: [subject('counts', 1), subject('queues', 2)],
    async withTarget(settings, use) {
      log.push(settings)
      const result = await use('http://127.0.0.1:1')
      log.push('stopped')
      return result
    },
    onSubject: ({ name }) => log.push(`${name} …`),
  })
  expect(log).toEqual([
    harnessTargetSettings,
    'counts …',
    ['counts', 'http://127.0.0.1:1', 'quick', 5],
    'queues …',
    ['queues', 'http://127.0.0.1:1', 'quick', 5],
    ['queues', 'http://127.0.0.1:1', 'quick', 6],
    'stopped',
  ])
  expect(certificate).toMatchObject({
    verdict: 'deviating',
    seed: 5,
    version: '1.0.0',
    engine: 'lean',
    counts: { within: 1, outside: 1 },
  })
  expect(certificate.subjects.map(({ name, additions }) => ({ name, additions }))).toEqual([
    { name: 'counts', additions: [] },
    { name: 'queues', additions: [] },
  ])
})
