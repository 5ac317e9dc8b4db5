import { describe, expect, it } from 'vitest'
import { tools } from '../../../../calibration/audit/tools.ts'
import { ReportError, type ReportSource, type Tool } from '../../../../calibration/audit/tool.ts'
import { refusalOf, sourceOfText, toolSample, toolSamplePaths } from '../../../support/tool-samples.ts'

const paths = toolSamplePaths()

/** The tool that a sample is of, by its folder. */
function toolOfSample(path: string): Tool {
  const name = path.replace(/-[\w.]+\/.*$/, '')
  const tool = tools.find(candidate => candidate.name === name)
  if (tool === undefined) throw new Error(`${path}: there is no tool ${name}`)
  return tool
}

/** Returns what a tool makes of a source: the number of requests, or the class of the error. */
function outcomeOf(tool: Tool, source: ReportSource): string {
  try {
    return `${tool.read([source]).total.requests} requests`
  } catch (error) {
    return error instanceof ReportError ? 'ReportError' : `${(error as Error).name}: ${(error as Error).message}`
  }
}

/** Number of places where a report is cut off. */
const STEPS = 60

/** Whether a remark says that a report was computed from single requests, the last of which may be missing. */
function isOfLog(remark: string): boolean {
  return /computed .*(single requests|lines)/.test(remark)
}

describe('the readers', () => {
  it.each(paths)('do not take %s for a report of another tool', path => {
    const source = toolSample(path)
    const takenFor = tools.filter(tool => tool.recognizes(source)).map(({ name }) => name)
    expect(takenFor.filter(name => name !== toolOfSample(path).name)).toEqual([])
  })

  it.each(tools.map(tool => [tool.name, tool] as const))('refuse reports of other tools as one of %s', (name, tool) => {
    const others = paths.filter(path => toolOfSample(path).name !== name)
    const outcomes = others.map(path => `${path}: ${outcomeOf(tool, toolSample(path))}`)
    expect(outcomes).toEqual(others.map(path => `${path}: ReportError`))
  })

  it.each(tools.map(tool => [tool.name, tool] as const))('refuse what is no report as one of %s', (_name, tool) => {
    const texts = [
      '',
      '\n',
      'null',
      '[]',
      '{}',
      '{"metrics":{}}',
      'command not found',
      '<html></html>',
      '\0\u0001\ufffd',
      '"',
      '1',
    ]
    const outcomes = texts.map(text => `${JSON.stringify(text)}: ${outcomeOf(tool, sourceOfText(text))}`)
    expect(outcomes).toEqual(texts.map(text => `${JSON.stringify(text)}: ReportError`))
  })

  it.each(tools.map(tool => [tool.name, tool] as const))(
    'say what they expected when there is no report of %s',
    (_name, tool) => {
      expect(refusalOf(tool)).toMatch(/expected .+/)
    },
  )

  it.each(paths)('refuse %s cut off anywhere, unless its numbers are whole or it is a log of single requests', path => {
    const source = toolSample(path)
    const tool = toolOfSample(path)
    const whole = outcomeOf(tool, source)
    const isLog =
      /history/.test(path) ||
      (tool.recognizes(source) && !whole.startsWith('ReportError') && tool.read([source]).remarks.some(isOfLog))
    const wrong = Array.from({ length: STEPS }, (_, step) => Math.floor((source.bytes.length * step) / STEPS))
      .map(length => ({ length, outcome: outcomeOf(tool, { ...source, bytes: source.bytes.subarray(0, length) }) }))
      .filter(
        ({ outcome }) => outcome !== 'ReportError' && outcome !== whole && !(isLog && /^\d+ requests$/.test(outcome)),
      )
    expect(wrong).toEqual([])
  })
})
