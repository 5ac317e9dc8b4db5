const KEY = 'loadcell.token'

/** The token for a page that wants one. The tab keeps it until it is closed; it is never part of an address. */
export const heldToken = {
  get: (): string | undefined => sessionStorage.getItem(KEY) ?? undefined,
  set: (token: string): void => sessionStorage.setItem(KEY, token),
}
