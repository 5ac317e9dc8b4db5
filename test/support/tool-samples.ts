import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type ReportSource, type Tool, ReportError } from '../../calibration/audit/tool.ts'

const FOLDER = new URL('../unit/calibration/audit/samples/', import.meta.url)

/** A kept report of a named version, by its path below the samples: `wrk-4.1.0/latency.txt`. */
export function toolSample(path: string): ReportSource {
  return { name: basename(path), bytes: readFileSync(new URL(path, FOLDER)) }
}

/** The ledger of the run that a sample is from. */
export interface SampleLedger {
  arrivals: number
  aborted: number
  unanswered: number
  statuses: Record<string, number>
  bytesOut: number
}

export function ledgerOfSample(path: string): SampleLedger {
  const [folder = '', ...rest] = path.split('/')
  const all = JSON.parse(readFileSync(new URL(`${folder}/ledger.json`, FOLDER), 'utf8')) as Record<string, SampleLedger>
  const found = all[rest.join('/')]
  if (found === undefined) throw new Error(`${folder}/ledger.json has nothing about ${path}`)
  return found
}

/** Paths of all kept reports. */
export function toolSamplePaths(): string[] {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name !== 'ledger.json' && !entry.name.endsWith('.md'))
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(FOLDER.pathname.length))
    .sort()
}

/** A report of a text. */
export function sourceOfText(text: string, name = 'report'): ReportSource {
  return { name, bytes: Buffer.from(text) }
}

/** Returns the message of the error with which a tool refuses a report. */
export function refusalOf(tool: Tool, ...sources: ReportSource[]): string {
  try {
    tool.read(sources)
  } catch (error) {
    if (error instanceof ReportError) return error.message
    throw error
  }
  return 'it was read'
}
