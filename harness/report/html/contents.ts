import { html, type Markup, trusted } from './markup.ts'

/** The parts of a page that stay on the screen: its verdict and its sections. */
export interface PageContents {
  /** Absent on a page without a `pageHeader`. */
  verdict?: { tone: string; subject: Markup; word: Markup }
  sections: { id: string; title: Markup }[]
}

/** Matches what `section()` writes. Text from a run cannot look like this, because it is escaped. */
const SECTION = /<section id="([\w-]+)" aria-labelledby="[\w-]+-title">\n<h2 id="[\w-]+-title">([\s\S]*?)<\/h2>/g
/** Matches what `pageHeader()` writes. */
const HEADER = /<header class="verdict ([\w-]+)">\n<p class="run">([\s\S]*?)<\/p>\n<h1>([\s\S]*?)<\/h1>/

/** Finds the verdict and the sections of a page in its markup, so that no page has to list them. */
export function contentsOf({ source }: Markup): PageContents {
  const sections = [...source.matchAll(SECTION)].map(([, id = '', title = '']) => ({ id, title: trusted(title) }))
  const [, tone, subject, word] = HEADER.exec(source) ?? []
  if (tone === undefined || subject === undefined || word === undefined) return { sections }
  // The subject has its name in bold, beside details that the top of the page has.
  const name = /<strong>([\s\S]*?)<\/strong>/.exec(subject)?.[1] ?? subject
  return { verdict: { tone, subject: trusted(name), word: trusted(word) }, sections }
}

/** Returns the column, or on a narrow screen the bar, that stays visible. */
export function standing({ verdict, sections }: PageContents, controls: Markup | undefined): Markup {
  return html`<aside class="standing" aria-label="Verdict and contents">
${
  verdict &&
  html`<p class="brief ${verdict.tone}"><a href="#main"><strong>${verdict.word}</strong></a> <span>${verdict.subject}</span></p>\n`
}${controls}${
  sections.length > 0 &&
  html`<details class="contents" open><summary>Contents</summary>
<nav aria-label="Contents"><ol>
${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ol></nav></details>\n`
}</aside>
`
}
