/**
 * Text that is already HTML. Only `html` and `trusted` create it, so that no text reaches the page unescaped by
 * accident.
 */
export class Markup {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

export type Content = Markup | string | number | undefined | false | readonly Content[]

/** Template tag. Escapes inserted values unless they are markup, joins lists, and omits `undefined` and `false`. */
export function html(strings: TemplateStringsArray, ...contents: Content[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...contents.map(sourceOf)))
}

/** Returns text of this package unescaped: scripts and styles. */
export function trusted(source: string): Markup {
  return new Markup(source)
}

/** Returns data for a `<script type="application/json">`, without any `<` that could end the element. */
export function jsonMarkup(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'))
}

/** Lets a long name break after the characters that join its parts. */
export function breakable(text: string): Content {
  return text.split(/(?<=[/{,_:.])/).map((part, index) => (index === 0 ? part : html`<wbr>${part}`))
}

function sourceOf(content: Content): string {
  if (content instanceof Markup) return content.source
  if (content === undefined || content === false) return ''
  if (typeof content === 'object') return content.map(sourceOf).join('')
  return String(content).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
