import { createHash } from 'node:crypto'
import type { ReportFormat } from '../../../contract/api/reports.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { Clock } from '../../../core/clock.ts'
import { csvLine } from './csv.ts'
import type { Dataset } from './datasets.ts'

/** A report as it is downloaded. */
export interface ReportFile {
  bytes: Buffer
  mediaType: string
  etag: string
  /** Counted against the memory budget for as long as anybody holds it. */
  hold: FileHold
}

/** Whoever keeps a file or sends it holds it. What it takes is counted once, until the last one lets it go. */
export class FileHold {
  readonly #memory: MemoryTable
  #bytes = 0
  #holders = 1

  constructor(memory: MemoryTable) {
    this.#memory = memory
  }

  /** It becomes so many bytes longer. @throws ProblemError memory_exhausted */
  grow(bytes: number): void {
    this.#memory.admit(bytes)
    this.#bytes += bytes
  }

  take(): void {
    this.#holders += 1
  }

  letGo(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#memory.release(this.#bytes)
  }
}

const mediaTypes = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' }

/** The pieces of a file, and the file that is joined of them. */
const COPIES = 2

/** Other work gets its turn this often. */
const SLICE_MS = 3

/**
 * @param tenant whose records these are, where each tenant has its own
 * @throws the signal's reason when it aborts.
 */
export async function renderFile(
  dataset: Dataset,
  tenant: string,
  format: ReportFormat,
  clock: Clock,
  signal: AbortSignal,
  hold: FileHold,
): Promise<ReportFile> {
  const chunks: Buffer[] = []
  const hash = createHash('sha256')
  for (const slice of slices(format === 'csv' ? csvTexts(dataset, tenant) : jsonTexts(dataset, tenant), clock)) {
    const chunk = Buffer.from(slice)
    hold.grow(COPIES * chunk.length)
    chunks.push(chunk)
    hash.update(chunk)
    await clock.sleep(0, signal)
    signal.throwIfAborted()
  }
  const etag = `"${hash.digest('base64url').slice(0, 22)}"`
  return { bytes: Buffer.concat(chunks), mediaType: mediaTypes[format], etag, hold }
}

/** RFC 4180, with a header; a text a record. */
function* csvTexts(dataset: Dataset, tenant: string): Iterable<string> {
  yield csvLine(dataset.columns)
  for (const record of dataset.records(tenant)) yield dataset.rows(record).map(csvLine).join('')
}

/** One array; a text a record. */
function* jsonTexts(dataset: Dataset, tenant: string): Iterable<string> {
  yield '['
  let separator = '\n'
  for (const record of dataset.records(tenant)) {
    yield separator + JSON.stringify(record)
    separator = ',\n'
  }
  yield '\n]\n'
}

function* slices(texts: Iterable<string>, clock: Clock): Iterable<string> {
  let slice: string[] = []
  let begunAt = clock.now()
  for (const text of texts) {
    slice.push(text)
    if (clock.now() - begunAt < SLICE_MS) continue
    yield slice.join('')
    slice = []
    begunAt = clock.now()
  }
  yield slice.join('')
}
