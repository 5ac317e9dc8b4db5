import { defaultLimit, type Page } from '../../contract/api/page.ts'

/** Which page of a list is asked for. */
export interface PageRequest {
  page?: number
  limit?: number
}

/** Where the page begins and ends in the whole list. */
export function boundsOf({ page = 1, limit = defaultLimit }: PageRequest): { start: number; end: number } {
  return { start: (page - 1) * limit, end: page * limit }
}

/** @param url of the request, so that the next page is asked for as this one was */
export function pageOf<T>(items: T[], total: number, asked: PageRequest, url: string): Page<T> {
  const { page = 1, limit = defaultLimit } = asked
  return { items, page, limit, total, next: nextOf(asked, total, url) }
}

/** A page as JSON, of items that are JSON already. */
export function pageText(items: readonly string[], total: number, asked: PageRequest, url: string): string {
  const { page = 1, limit = defaultLimit } = asked
  const next = JSON.stringify(nextOf(asked, total, url))
  return `{"items":[${items.join(',')}],"page":${page},"limit":${limit},"total":${total},"next":${next}}`
}

/** The path of the next page, null on the last. */
export function nextOf({ page = 1, limit = defaultLimit }: PageRequest, total: number, url: string): string | null {
  if (page * limit >= total) return null
  const valueAt = pageValueAt(url)
  if (valueAt === -1) return `${url}${url.includes('?') ? '&' : '?'}page=${page + 1}`
  const end = url.indexOf('&', valueAt)
  return `${url.slice(0, valueAt)}${page + 1}${end === -1 ? '' : url.slice(end)}`
}

/** Where the value of `page` begins in a URL, -1 without one. By hand, since a regular expression was most of what writing a page cost. */
function pageValueAt(url: string): number {
  const queryAt = url.indexOf('?')
  if (queryAt === -1) return -1
  if (url.startsWith('page=', queryAt + 1)) return queryAt + '?page='.length
  const parameterAt = url.indexOf('&page=', queryAt)
  return parameterAt === -1 ? -1 : parameterAt + '&page='.length
}
