import { describe, expect, it } from 'vitest'
import { knownFormats, recognize, toolNamed, toolOf, tools } from '../../../../calibration/audit/tools.ts'
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

describe('toolOf', () => {
  it.each([
    ['locust -f x.py', 'locust'],
    ['/usr/bin/locust', 'locust'],
    ['python3 -m locust -f x.py', 'locust'],
    ['npx --yes artillery@2.0.34 run x.yml', 'artillery'],
    ['node node_modules/autocannon/autocannon.js url', 'autocannon'],
    ['taskset -c 1 wrk -c 2 url', 'wrk'],
    ['C:\\tools\\hey.exe url', 'hey'],
    ['java -Xmx1g -jar bin/ApacheJMeter.jar -n', 'jmeter'],
    ['java -cp lib/* io.gatling.app.Gatling -s X', 'gatling'],
    ['mvn -q gatling:test', 'gatling'],
    ['./gradlew gatlingRun', 'gatling'],
    ['./run.sh wrk', undefined],
    ['curl url', undefined],
  ])('finds behind "%s" the tool %s', (command, expected) => {
    const [program = '', ...args] = command.split(' ')
    expect(toolOf(program, args)?.name).toBe(expected)
  })
})

describe('toolNamed', () => {
  it('finds a tool by its name in any case', () => {
    expect(toolNamed('JMeter').name).toBe('jmeter')
  })

  it('refuses another one with the list of known formats', () => {
    expect(() => toolNamed('loadrunner')).toThrow(
      new ReportError(`There is no reader for the reports of "loadrunner". ${knownFormats()}`),
    )
    expect(knownFormats()).toContain('\n  vegeta: results (attack -output), ')
  })
})

describe('recognize', () => {
  it.each(paths.filter(path => !path.endsWith('refused.txt')))('finds the tool of %s or asks for its name', path => {
    const source = toolSample(path)
    if (toolOfSample(path).recognizes(source)) expect(recognize([source]).name).toBe(toolOfSample(path).name)
    else expect(() => recognize([source])).toThrow(/: no known report\. Known reports:\n/)
  })

  it('refuses reports of two tools', () => {
    const sources = ['locust-2.47.0/locust.json', 'wrk-4.1.0/plain.txt'].map(toolSample)
    expect(() => recognize(sources)).toThrow(
      new ReportError('locust.json, plain.txt: looks like a report of locust and of wrk. Name the tool with --tool.'),
    )
  })

  it('says that there is no report', () => {
    expect(() => recognize([])).toThrow(/^There is no report\. Known reports:\n {2}locust: JSON/)
  })
})
