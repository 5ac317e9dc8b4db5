import { type Content, html, type Markup } from './markup.ts'

/** The top of a report: a word, a sentence and the most important numbers. */
export interface PageHeader {
  /** Class that colours the word. */
  tone: string
  /** Subject of the report, and its time. */
  subject: Content
  word: string
  sentence: string
  /** Further reasons. */
  more?: readonly string[]
  tiles: Markup[]
}

export function pageHeader({ tone, subject, word, sentence, more = [], tiles }: PageHeader): Markup {
  return html`<header class="verdict ${tone}">
<p class="run">${subject}</p>
<h1>${word}</h1>
<p class="why">${sentence}</p>
${more.length > 0 && html`<ul class="more">${more.map(reason => html`<li>${reason}</li>\n`)}</ul>\n`}<ul class="tiles">${tiles}</ul>
</header>
`
}

export function moment(wallTime: number): Markup {
  const text = new Date(wallTime).toISOString()
  return html`<time datetime="${text}">${text.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** Returns a number with a name and a note. The note breaks between its parts, and within one that is wider than the tile. */
export function tile(name: string, value: string, ...noteParts: string[]): Markup {
  const note = noteParts.map(
    (part, index) => html`${index > 0 && ' '}<span>${part}${index < noteParts.length - 1 && ','}</span>`,
  )
  return html`<li><span class="name">${name}</span><span class="value">${value}</span><span class="note">${note}</span></li>\n`
}
