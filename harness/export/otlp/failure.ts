/** Errors of an exporter may have a status or a system error as their code. */
type ExportError = Error & { code?: unknown; cause?: unknown; errors?: unknown }

/**
 * Returns why an export failed, for people. Only statuses and codes of the system are shown, because messages and responses
 * may contain headers of the request.
 */
export function failureOf(error: ExportError | undefined): string {
  for (const each of [error, error?.cause, ...(Array.isArray(error?.errors) ? error.errors : [])]) {
    const { code } = (each ?? {}) as ExportError
    if (typeof code === 'number') return `it answered with status ${code}`
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code
  }
  if (error?.message === 'Request timed out') return 'it did not answer in time'
  // The exporter keeps the status of the answer to itself.
  if (/retryable/.test(error?.message ?? '')) return 'it was busy to the end (429, 502, 503 or 504)'
  return 'its answer could not be used'
}
