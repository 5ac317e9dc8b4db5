/** The bytes of a file are not text in the expected encoding. The message says what to do; it does not name the file. */
export class UnreadableText extends Error {}

/**
 * Decodes the text of a file, without its byte order mark. It is UTF-8, UTF-16 (with a mark, or recognisable without one), or
 * in the given `encoding` (a WHATWG label such as `windows-1252`). Other encodings are never guessed, because they cannot be
 * told apart. @throws UnreadableText with the line, if there is one; RangeError for an unknown label
 */
export function decodeText(bytes: Uint8Array, encoding?: string): string {
  const label = encodingOf(bytes) ?? encoding ?? 'utf-8'
  if (!isEncoding(label)) {
    throw new RangeError(`expected an encoding such as 'utf-8' or 'windows-1252', got ${JSON.stringify(label)}`)
  }
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    throw new UnreadableText(
      `line ${lineOfError(bytes, label)} is not ${label.toUpperCase()}: save the file as UTF-8 (in Excel: "CSV UTF-8"), or name its encoding, such as { encoding: 'windows-1252' }`,
    )
  }
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

/** Returns the encoding that the first bytes reveal. */
function encodingOf(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) {
    throw new UnreadableText('this is a workbook (or another zip archive): save it as CSV UTF-8 in Excel')
  }
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
    throw new UnreadableText('this is UTF-32: save the file as UTF-8')
  }
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  // The files that Loadcell reads begin with two ASCII characters, and no text contains a zero byte.
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf-16le'
  if (a === 0 && b !== 0 && c === 0 && d !== 0 && b !== undefined && d !== undefined) return 'utf-16be'
  return undefined
}

/** Returns the line of the first invalid byte, from 1, by bisection: everything before that byte can be decoded. */
function lineOfError(bytes: Uint8Array, label: string): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (canBegin(bytes.subarray(0, middle), label)) good = middle
    else bad = middle
  }
  const before = new TextDecoder(label).decode(bytes.subarray(0, good))
  return before.split(/\r\n|\r|\n/).length
}

/** Tells whether these bytes can begin a text. A character that is cut off at the end is not an error. */
function canBegin(bytes: Uint8Array, label: string): boolean {
  try {
    new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
