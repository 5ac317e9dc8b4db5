import { csvRows } from '../reading/csv-rows.ts'
import type { LoggedRequest } from '../reading/sample-sums.ts'
import { beginningOf, linesOf } from '../reading/source-text.ts'
import { ReportError, type ReportSource } from '../tool.ts'

/** A sample of JMeter that is a request, or one that sums up others. */
export type JmeterSample = LoggedRequest | 'transaction'

const NEEDED = ['timeStamp', 'elapsed', 'label', 'responseCode', 'success'] as const
/** Separators that JMeter can be told to use. */
const SEPARATORS = [',', ';', '\t', '|']

export function isJtlCsv(source: ReportSource): boolean {
  return headerOf(source) !== undefined
}

export function isJtlXml(source: ReportSource): boolean {
  return /<testResults\b/.test(beginningOf(source))
}

/** Returns the samples of a JTL file one at a time. */
export function jmeterSamples(source: ReportSource): Generator<JmeterSample> {
  return isJtlXml(source) ? fromXml(source) : fromCsv(source)
}

/** Returns the columns that a first line names, if they are those of JMeter. */
function headerOf(source: ReportSource): { separator: string; columns: string[] } | undefined {
  const [first = ''] = beginningOf(source)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/, 1)
  return SEPARATORS.map(separator => ({ separator, columns: first.split(separator) })).find(
    ({ columns }) => columns.includes('timeStamp') && columns.includes('elapsed'),
  )
}

function* fromCsv(source: ReportSource): Generator<JmeterSample> {
  const { separator, columns } = headerOf(source)!
  const missing = NEEDED.filter(column => !columns.includes(column))
  if (missing.length > 0) {
    throw new ReportError(
      `${source.name}: expected the columns ${NEEDED.join(', ')}, got none named ${missing.join(', ')}. Let JMeter save them (jmeter.save.saveservice.…).`,
    )
  }
  const places = new Map(columns.map((column, index) => [column, index]))
  let isHeader = true
  for (const { line, values } of csvRows(source, separator)) {
    if (isHeader) {
      isHeader = false
      continue
    }
    const place = `${source.name}: line ${line}`
    if (values.length !== columns.length) {
      throw new ReportError(
        `${place}: expected ${columns.length} values, one for each column, got ${values.length}. The file is cut off, or two runs wrote to it.`,
      )
    }
    yield sampleOf(place, column => values[places.get(column) ?? -1])
  }
}

/** JMeter writes an element a line; those within another one are parts of it, such as redirects and images. */
function* fromXml(source: ReportSource): Generator<JmeterSample> {
  let depth = 0
  let open: { place: string; attributes: Map<string, string>; isRequest: boolean; url?: string } | undefined
  let isComplete = false
  for (const { number, text } of linesOf(source)) {
    const [, tag, written = '', isEmpty] = /^<(httpSample|sample)\b(.*?)(\/)?>/.exec(text) ?? []
    if (tag !== undefined) {
      depth += 1
      if (depth === 1) {
        const place = `${source.name}: line ${number}`
        open = { place, attributes: attributesIn(written), isRequest: tag === 'httpSample' }
      }
    }
    const url = depth === 1 ? /<java\.net\.URL>(.*?)<\/java\.net\.URL>/.exec(text)?.[1] : undefined
    if (open !== undefined && url !== undefined) open.url = unescaped(url)
    if (isEmpty !== undefined || /<\/(httpSample|sample)>/.test(text)) {
      depth -= 1
      if (depth === 0 && open !== undefined) {
        yield sampleInElement(open)
        open = undefined
      }
    }
    if (text.includes('</testResults>')) isComplete = true
  }
  if (!isComplete || depth !== 0) {
    throw new ReportError(
      `${source.name}: expected </testResults> at the end of JMeter's XML, got none. The file is cut off: let JMeter end by itself.`,
    )
  }
}

/** Names of the attributes in XML, by the columns of the CSV. */
const ATTRIBUTES: Record<string, string> = {
  timeStamp: 'ts',
  elapsed: 't',
  label: 'lb',
  responseCode: 'rc',
  responseMessage: 'rm',
  success: 's',
  bytes: 'by',
  sentBytes: 'sby',
}

function sampleInElement({
  place,
  attributes,
  isRequest,
  url,
}: {
  place: string
  attributes: Map<string, string>
  isRequest: boolean
  url?: string
}): JmeterSample {
  if (!isRequest && attributes.get('rc') === '') return 'transaction'
  return sampleOf(place, column => (column === 'URL' ? url : attributes.get(ATTRIBUTES[column] ?? '')))
}

function attributesIn(text: string): Map<string, string> {
  return new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, unescaped(value!)]))
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll(/&#x([\da-f]{1,6});/gi, (_, code: string) =>
      String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code, 16))),
    )
    .replaceAll('&amp;', '&')
}

function sampleOf(place: string, value: (column: string) => string | undefined): JmeterSample {
  const code = value('responseCode') ?? ''
  const url = value('URL')
  // A transaction controller sums up its samples, and has neither a code nor a URL.
  if (code === '' && (url === undefined || url === 'null')) return 'transaction'
  const status = /^\d{3}$/.test(code) ? Number(code) : 0
  const path = url === undefined || url === '' || url === 'null' ? undefined : url
  const bytes = value('bytes')
  const sentBytes = value('sentBytes')
  return {
    name: value('label') ?? '',
    ...(path !== undefined && { path }),
    startedAt: timeIn(place, value('timeStamp')),
    elapsedMs: numberIn(place, 'elapsed', value('elapsed')),
    status,
    failed: value('success') !== 'true',
    // Without a response, JMeter takes the text of its own error for a body.
    ...(status === 0 && { error: code.replace(/^Non HTTP response code: /, '') }),
    ...(status > 0 && bytes !== undefined && { receivedBytes: numberIn(place, 'bytes', bytes) }),
    ...(sentBytes !== undefined && { sentBytes: numberIn(place, 'sentBytes', sentBytes) }),
  }
}

/** JMeter can be told to write dates instead of ms, in the time of its machine. */
function timeIn(place: string, text: string | undefined): number {
  const startedAt = numberIn(place, 'timeStamp', text)
  if (startedAt > 1e11) return startedAt
  throw new ReportError(
    `${place}: expected a timeStamp in ms since 1970, got ${JSON.stringify(text)}. Set jmeter.save.saveservice.timestamp_format=ms.`,
  )
}

function numberIn(place: string, column: string, text = ''): number {
  const value = Number(text)
  if (text !== '' && Number.isFinite(value) && value >= 0) return value
  const hint = column === 'timeStamp' ? ' Set jmeter.save.saveservice.timestamp_format=ms.' : ''
  throw new ReportError(`${place}: expected a number in ${column}, got ${JSON.stringify(text)}.${hint}`)
}
