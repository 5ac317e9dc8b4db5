import { createHash } from 'node:crypto'
import type { ReportFormat } from '../../../contract/api/reports.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { Clock } from '../../../core/clock.ts'
import { csvLine, type Dataset } from './datasets.ts'

/** The file of a report, ready to be downloaded. */
export interface ReportFile {
  bytes: Buffer
  mediaType: string
  etag: string
  /** Keeps the file counted against the memory budget. */
  hold: FileHold
}

/**
 * Counts the memory of a file once for all its holders: the renderer, the kept files and each download. The last one
 * releases it.
 */
export class FileHold {
  readonly #memory: MemoryTable
  #bytes = 0
  #holders = 0

  constructor(memory: MemoryTable) {
    this.#memory = memory
  }

  /** Charges `bytes` more. @throws ProblemError memory_exhausted */
  grow(bytes: number): void {
    this.#memory.admit(bytes)
    this.#bytes += bytes
  }

  take(): void {
    this.#holders += 1
  }

  letGo(): void {
    this.#holders -= 1
    if (this.#holders > 0) return
    this.#memory.release(this.#bytes)
    this.#bytes = 0
  }
}

const mediaTypes = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' }

/** The chunks of a file, and the file that they are joined into. */
const COPIES = 2

/** Longest time that rendering blocks the event loop. */
const SLICE_MS = 3

/**
 * Renders a file in slices, so that it does not block other work.
 * @param tenant owner of the records, if each tenant has different ones
 * @throws the signal's reason when it aborts; ProblemError memory_exhausted
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
  // Rendering holds the file too, because the store may forget it before it is complete.
  hold.take()
  try {
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
  } finally {
    hold.letGo()
  }
}

/** Yields CSV (RFC 4180): a header, then one text per record. */
function* csvTexts(dataset: Dataset, tenant: string): Iterable<string> {
  yield csvLine(dataset.columns)
  for (const record of dataset.records(tenant)) yield dataset.rows(record).map(csvLine).join('')
}

/** Yields a JSON array, one text per record. */
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
