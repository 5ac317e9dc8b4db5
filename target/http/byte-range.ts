/** A part of a file, both ends inclusive, from 0. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * The part of a file of `lengthBytes` that a `Range` asks for (RFC 9110 §14.2). Undefined means the whole file: nothing
 * was asked for, nothing that can be understood, or several parts at once, which a server need not serve.
 */
export function byteRange(range: string | undefined, lengthBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(range ?? '') ?? []
  if (first === '') {
    if (last === '') return undefined
    const suffixBytes = Math.min(Number(last), lengthBytes)
    return suffixBytes === 0 ? 'unsatisfiable' : { first: lengthBytes - suffixBytes, last: lengthBytes - 1 }
  }
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= lengthBytes) return 'unsatisfiable'
  return { first: Number(first), last: last === '' ? lengthBytes - 1 : Math.min(Number(last), lengthBytes - 1) }
}
