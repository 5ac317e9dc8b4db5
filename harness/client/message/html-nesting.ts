/** Browsers nest no deeper either. */
const DEEPEST = 512
/** Maximum number of elements that are open at once because their end tags may be missing, such as the rows of a table. */
const MOST_UNENDED = 10_000
const MOST_UNENDED_COMMENTS = 1000

const TAG = /<(\/?)([a-z][^\s/>]*)/gi
const VOID: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
)
const OPTIONAL_END: ReadonlySet<string> = new Set(
  'li dt dd p option optgroup thead tbody tfoot tr td th rp rt'.split(' '),
)

/** Says why a page takes the parser, whose time grows with the square of these, too long; undefined if it does not. */
export function excessOf(html: string): string | undefined {
  const unendedComments = countOf('<!--', html, html.lastIndexOf('-->') + 1)
  if (unendedComments > MOST_UNENDED_COMMENTS) return `${unendedComments} comments without an end`
  let depth = 0
  let unended = 0
  for (const [, slash, name = ''] of html.matchAll(TAG)) {
    const tag = name.toLowerCase()
    if (VOID.has(tag)) continue
    const step = slash === '' ? 1 : -1
    if (OPTIONAL_END.has(tag)) unended = Math.max(0, unended + step)
    else depth = Math.max(0, depth + step)
    if (depth > DEEPEST) return `elements that are nested more than ${DEEPEST} deep`
    if (unended > MOST_UNENDED) return `more than ${MOST_UNENDED} elements without an end`
  }
  return undefined
}

function countOf(part: string, text: string, from: number): number {
  let count = 0
  for (let at = text.indexOf(part, from); at !== -1; at = text.indexOf(part, at + part.length)) count++
  return count
}
