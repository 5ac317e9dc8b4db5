import * as sdk from '@opentelemetry/sdk-metrics'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { describe, expect, it } from 'vitest'
import { OtlpExport } from '../../../../../harness/export/otlp/otlp-export.ts'
import { exposedResult } from '../../../../../harness/report/exposition/exposed-run.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { recordedRun } from '../../report/formats/recorded-run.ts'

const never = new AbortController().signal
const run = exposedResult(recordedRun())

type Answer = Parameters<Parameters<PushMetricExporter['export']>[1]>[0]
const taken: Answer = { code: 0 }
const refused = (code: number): Answer => ({ code: 1, error: Object.assign(new Error('hush-hush'), { code }) })

/** An export at an interval of 2 s, through an exporter that answers as told, or not until `answer` is called. */
function bench(answers: (Answer | undefined)[] = []) {
  const clock = new FakeClock()
  const notes: string[] = []
  const sent: ResourceMetrics[] = []
  const waiting: ((answer: Answer) => void)[] = []
  let closed = 0
  const exporter: PushMetricExporter = {
    export(metrics, done) {
      const answer = answers.length === 0 ? taken : answers[Math.min(sent.length, answers.length - 1)]
      sent.push(metrics)
      if (answer === undefined) waiting.push(done)
      else done(answer)
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(void (closed += 1)),
  }
  const otlp = new OtlpExport({
    packages: { sdk, resourceFromAttributes },
    exporter,
    place: 'http://collector/v1/metrics',
    clock,
    tell: note => void notes.push(note),
    intervalMs: 2000,
    timeoutMs: 5000,
    resource: { 'service.name': 'loadcell' },
    histograms: 'exponential',
  })
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second++) {
      otlp.update(run)
      await clock.advance(1000)
    }
  }
  return { otlp, clock, notes, sent, waiting, seconds, closed: () => closed }
}

describe('OtlpExport', () => {
  it('exports at its interval and at the end, and says nothing if all went well', async () => {
    const { otlp, notes, sent, seconds, closed } = bench()
    await seconds(7)
    expect(sent).toHaveLength(3)
    await otlp.finish(run, never)
    expect({ exports: sent.length, notes, closed: closed() }).toEqual({ exports: 4, notes: [], closed: 1 })
  })

  it('holds one export at a time, and counts those that it leaves out', async () => {
    const { otlp, notes, sent, waiting, seconds } = bench([undefined, taken])
    await seconds(9)
    expect(sent).toHaveLength(1)
    waiting[0]!(taken)
    await seconds(2)
    expect(sent).toHaveLength(2)
    await otlp.finish(run, never)
    expect(notes).toEqual([
      '0 of 3 exports to http://collector/v1/metrics failed; 3 were left out, because the one before took too long. ' +
        'The last one, with the final numbers, arrived.',
    ])
  })

  it('says how many it left out, if it is one', async () => {
    const { otlp, notes, waiting, seconds } = bench([undefined, taken])
    await seconds(5)
    waiting[0]!(taken)
    await seconds(2)
    await otlp.finish(run, never)
    expect(notes).toEqual([expect.stringMatching(/; 1 was left out, because/)])
  })

  it('tells a failure once, counts the others, and shows no message of an error', async () => {
    const { otlp, notes, seconds } = bench([refused(400)])
    await seconds(7)
    await otlp.finish(run, never)
    expect(notes).toEqual([
      'An export of metrics to http://collector/v1/metrics failed: it answered with status 400. The run goes on.',
      '4 of 4 exports to http://collector/v1/metrics failed. The last one, with the final numbers, did not arrive.',
    ])
  })

  it('says that the final numbers arrived if only earlier exports failed', async () => {
    const { otlp, notes, seconds } = bench([refused(503), taken])
    await seconds(5)
    await otlp.finish(run, never)
    expect(notes.at(-1)).toMatch(/^1 of 3 exports .* failed\. The last one, with the final numbers, arrived\.$/)
  })

  it('counts points that a collector rejected from an export that it took', async () => {
    const { otlp, notes } = bench()
    otlp.warned('Received Partial Success response:', '{"rejectedDataPoints":"7","errorMessage":"hush"}')
    otlp.warned('Received Partial Success response:', '{"rejectedDataPoints":2}')
    otlp.warned('Received Partial Success response:', '{"rejectedDataPoints":0,"errorMessage":"only a warning"}')
    otlp.warned('something else', '{"rejectedDataPoints":3}')
    await otlp.finish(run, never)
    expect(notes).toEqual([
      'http://collector/v1/metrics rejected some of the metrics. The run goes on.',
      expect.stringContaining('; 9 points were rejected. The last one, with the final numbers, arrived.'),
    ])
  })

  it('waits for the end no longer than its limit, and not at all after an interrupt', async () => {
    const { otlp, clock, notes } = bench([undefined])
    let ended = false
    const finished = otlp.finish(run, never).then(() => (ended = true))
    await clock.advance(5999)
    expect(ended).toBe(false)
    await clock.advance(2)
    await finished
    expect(notes).toEqual([
      'Waiting up to 5 s for http://collector/v1/metrics. Ctrl-C skips it.',
      expect.stringContaining('did not arrive'),
    ])

    const interrupted = bench([undefined])
    const interrupt = new AbortController()
    const skipped = interrupted.otlp.finish(run, interrupt.signal)
    interrupt.abort()
    await skipped
    expect(interrupted.notes.at(-1)).toContain('did not arrive')
  })

  it('survives an exporter that throws', async () => {
    const { otlp, notes } = bench()
    const broken = new OtlpExport({ ...optionsWith(notes), intervalMs: 1000 })
    await broken.finish(run, never)
    expect(notes[0]).toMatch(/ failed: its answer could not be used\. The run goes on\.$/)
    otlp.close()
  })
})

function optionsWith(notes: string[]) {
  return {
    packages: { sdk, resourceFromAttributes },
    exporter: {
      export() {
        throw new Error('hush-hush')
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.reject(new Error('closed already')),
    },
    place: 'http://collector/v1/metrics',
    clock: new FakeClock(),
    tell: (note: string) => void notes.push(note),
    timeoutMs: 1000,
    resource: {},
    histograms: 'explicit' as const,
  }
}
