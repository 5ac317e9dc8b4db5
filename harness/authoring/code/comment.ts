import { wrapped } from '../../report/terminal.ts'
import { pad, WIDTH } from './layout.ts'

/** Returns a comment of one paragraph, broken into lines that fit. */
export function lineComment(text: string, indent: number): string[] {
  return wrapped(plain(text), WIDTH - indent - 3).map(line => `${pad(indent)}// ${line}`)
}

/** Returns a doc comment of paragraphs. */
export function docComment(paragraphs: readonly string[], indent: number): string[] {
  const lines = paragraphs.flatMap((text, at) => [...(at > 0 ? [''] : []), ...wrapped(plain(text), WIDTH - indent - 3)])
  const [only] = lines
  if (lines.length === 1 && indent + only!.length + 7 <= WIDTH) return [`${pad(indent)}/** ${only} */`]
  return [
    `${pad(indent)}/**`,
    ...lines.map(line => `${pad(indent)} *${line === '' ? '' : ` ${line}`}`),
    `${pad(indent)} */`,
  ]
}

/** Returns text of a document in a form that cannot leave a comment. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim()
}

/** Returns text of a document on one line of at most this length. */
export function shortened(text: string, most: number): string {
  const line = plain(text)
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`
}

/** Longest label of a request in the names of its checks. */
const LONGEST_LABEL = 56

/** Returns a label such as `GET /orders/{id}`. The end of a long path says more than its beginning. */
export function requestLabel(method: string, path: string): string {
  const label = plain(`${method} ${path}`)
  return label.length <= LONGEST_LABEL ? label : `${method} …${label.slice(method.length + 2 - LONGEST_LABEL)}`
}
