import { defaultLimit, type Page } from '../../contract/api/page.ts'

/** The requested page of a list. */
export interface PageRequest {
  page?: number
  limit?: number
}

/** Returns where a page begins and ends in the whole list. */
export function boundsOf({ page = 1, limit = defaultLimit }: PageRequest): { start: number; end: number } {
  return { start: (page - 1) * limit, end: page * limit }
}

/** @param url URL of the request; the URL of the next page differs only in the page number */
export function pageOf<T>(items: T[], total: number, asked: PageRequest, url: string): Page<T> {
  const { page = 1, limit = defaultLimit } = asked
  return { items, page, limit, total, next: nextOf(asked, total, url) }
}

/** Returns a page as JSON. Its items are JSON already. */
export function pageText(items: readonly string[], total: number, asked: PageRequest, url: string): string {
  const { page = 1, limit = defaultLimit } = asked
  const next = JSON.stringify(nextOf(asked, total, url))
  return `{"items":[${items.join(',')}],"page":${page},"limit":${limit},"total":${total},"next":${next}}`
}

/** Returns the path of the next page; null on the last page. */
export function nextOf({ page = 1, limit = defaultLimit }: PageRequest, total: number, url: string): string | null {
  if (page * limit >= total) return null
  const valueAt = pageValueAt(url)
  if (valueAt === -1) return `${url}${url.includes('?') ? '&' : '?'}page=${page + 1}`
  const end = url.indexOf('&', valueAt)
  return `${url.slice(0, valueAt)}${page + 1}${end === -1 ? '' : url.slice(end)}`
}

/** Returns the offset of the value of `page` in a URL; -1 without one. A regular expression would take most of the time of a page. */
function pageValueAt(url: string): number {
  const queryAt = url.indexOf('?')
  if (queryAt === -1) return -1
  if (url.startsWith('page=', queryAt + 1)) return queryAt + '?page='.length
  const parameterAt = url.indexOf('&page=', queryAt)
  return parameterAt === -1 ? -1 : parameterAt + '&page='.length
}
