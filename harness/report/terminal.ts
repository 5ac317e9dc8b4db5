import { stripVTControlCharacters, styleText } from 'node:util'

/** Styles text if the stream is a terminal and `NO_COLOR` is not set. */
export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string

export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream })
}

/** Returns text on one line, without control characters that would repaint the terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ')
}

/** Cuts text to `width` characters. */
export function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).toWellFormed()}…`
}

/** Wraps text to at most `most` lines of at most `width` characters. Longer words go on in the next line, and what is left over is cut. */
export function wrappedWithin(text: string, width: number, most: number): string[] {
  const pieces = text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'gu'), '$& ')
  const lines = wrapped(pieces, width)
  if (lines.length <= most) return lines
  return [...lines.slice(0, most - 1), clipped(lines.slice(most - 1).join(' '), width)]
}

/** Wraps text to lines of at most `width` characters. A longer word has its own line. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
