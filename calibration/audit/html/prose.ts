import { asSentence } from '../../../harness/report/headline.ts'
import { type Content, html } from '../../../harness/report/html/markup.ts'

/** Code between backticks, or an option of a command. */
const CODE = /(`[^`]+`|(?<![\w-])--[a-z][\w-]*)/

/** Returns a clause as a sentence in which code and options look like it, and options do not break after their dashes. */
export function prose(clause: string): Content {
  return asSentence(clause)
    .split(CODE)
    .map((part, index) => {
      if (index % 2 === 0) return part
      return part.startsWith('`') ? html`<code>${part.slice(1, -1)}</code>` : html`<code class="option">${part}</code>`
    })
}
