/** Code that stands as it is where otherwise a value is written, such as the name of a constant. */
export class Expression {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

/** An arrow function of one expression, which may go to a line of its own. */
export class Arrow extends Expression {
  readonly head: string
  readonly body: string

  constructor(parameters: string, body: string) {
    super(`${parameters} => ${body}`)
    this.head = `${parameters} =>`
    this.body = body
  }
}

/** Returns the text as a literal, in the quotes that need fewer escapes. */
export function quoted(text: string): string {
  const quote = count(text, "'") > count(text, '"') ? '"' : "'"
  return quote + escapedText(text, quote) + quote
}

function escapedText(text: string, quote: string): string {
  let whole = ''
  for (const character of text) whole += escaped(character, quote)
  return whole
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`
  const escape = ESCAPES[character]
  if (escape !== undefined) return escape
  // Line separators end a line in some tools, nobody can review an invisible character, and half a surrogate is no text.
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return character
  return [...Array(character.length).keys()].map(at => `\\u${hex(character.charCodeAt(at))}`).join('')
}

/** Returns the parts as a template literal, or as a string if all of them are text. */
export function template(parts: readonly (string | Expression)[]): Expression {
  if (parts.every(part => typeof part === 'string')) return new Expression(quoted(parts.join('')))
  const inner = parts.map(part =>
    typeof part === 'string' ? escapedText(part, '`').replaceAll('${', '\\${') : `\${${part.source}}`,
  )
  return new Expression(`\`${inner.join('')}\``)
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0')
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}
