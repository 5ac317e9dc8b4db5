import type { MarkdownRenderer } from 'vitepress'

const FIRST_SCENARIO = '/scenarios/mixed-streaming'

/**
 * Makes links of the documents work in the site. Those to ready scenarios lead to their pages. Others out of `docs/`, which only the repository has,
 * become text.
 */
export function linkWithinSite(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('links-within-site', ({ tokens }) => {
    for (const { children } of tokens) {
      for (const [index, token] of (children ?? []).entries()) {
        if (token.type !== 'link_open') continue
        const href = placeInSite(token.attrGet('href') ?? '')
        if (href !== undefined) {
          token.attrSet('href', href)
          continue
        }
        token.type = 'text'
        const closing = children!.slice(index).find(({ type }) => type === 'link_close')!
        closing.type = 'text'
      }
    }
  })
}

/** Returns the link as the site has it; undefined if the site has no such page. */
function placeInSite(href: string): string | undefined {
  if (/^(?:https?:|#)/.test(href)) return href
  const [, scenario] = /(?:^|\/)scenarios\/([a-z-]+)\.ts$/.exec(href) ?? []
  if (scenario !== undefined) return `/scenarios/${scenario}`
  if (/^\.\.\/(?:scenarios$|README\.md#ready-scenarios$)/.test(href)) return FIRST_SCENARIO
  const isPage = /\.(?:md(?:#.*)?|webp|svg)$/.test(href) && !href.startsWith('../')
  return isPage || /^\.\.\/[a-z-]+\.md/.test(href) ? href.replace('README.md', 'index.md') : undefined
}
