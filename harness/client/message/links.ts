import type { HttpResponse } from '../../scenario/http.ts'
import { mediaTypeOf } from './content.ts'
import { listed } from './excerpt.ts'
import { missing } from './extraction.ts'
import { HtmlDocument } from './html-document.ts'

/** Matches one link of the header: its URL, and its parameters. */
const LINK = /<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)/g
const PARAMETER = /;\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))/g

/** Returns the URLs that a response links to, by their relation: in its `Link` header (RFC 8288), and in its HTML. */
export function linksIn(response: HttpResponse): Record<string, string> {
  const links = new Map<string, string>()
  const add = (relations: string, url: string, base: string) => {
    const { href } = URL.parse(url.trim(), base) ?? {}
    if (href === undefined) return
    for (const relation of relations.toLowerCase().split(/\s+/)) {
      if (relation !== '' && !links.has(relation)) links.set(relation, href)
    }
  }
  for (const field of [response.headers['link'] ?? []].flat()) {
    for (const [, url = '', parameters = ''] of field.matchAll(LINK)) {
      const relation = [...parameters.matchAll(PARAMETER)].find(([, name = '']) => name.toLowerCase() === 'rel')
      add(relation?.[2] ?? relation?.[3] ?? '', url, response.url)
    }
  }
  if (mediaTypeOf(response.headers['content-type']) === 'text/html') {
    const page = new HtmlDocument(response)
    for (const { relations, url } of page.links()) add(relations, url, page.baseUrl)
  }
  return Object.fromEntries(links)
}

/** Returns the URL with this relation. @throws UnreadableBody that lists the relations that there are */
export function linkOf(response: HttpResponse, relation: string): string {
  const links = linksIn(response)
  const url = Object.hasOwn(links, relation.toLowerCase()) ? links[relation.toLowerCase()] : undefined
  if (url !== undefined) return url
  throw missing(
    response,
    `a link with the relation ${JSON.stringify(relation)}`,
    `the relations ${listed(Object.keys(links))}`,
  )
}
