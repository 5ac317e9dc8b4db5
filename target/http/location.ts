/** The path of something below the path that was asked, in the spelling it was asked in: `/orders/10001` of `/orders?x=1`. */
export function locationOf(url: string, id: number | string): string {
  const queryAt = url.indexOf('?')
  return `${queryAt === -1 ? url : url.slice(0, queryAt)}/${id}`
}
