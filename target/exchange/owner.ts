import type { Exchange } from './exchange.ts'

/** The owner of orders or reports, which only the owner sees. */
export interface Owner {
  readonly tenant: string
  /** A key that is unique among the owners of all tenants, because no name contains a NUL. */
  readonly account: string
  /** Null for guests, and for clients that act for no user. */
  readonly userId: number | null
}

export function userOwner(tenant: string, userId: number): Owner {
  return { tenant, account: `${tenant}\0user ${userId}`, userId }
}

/** @param subject subject of a token that belongs to no user */
export function clientOwner(tenant: string, subject: string): Owner {
  return { tenant, account: `${tenant}\0client ${subject}`, userId: null }
}

/** All callers without a token are one owner. */
export function guestOwner(tenant: string): Owner {
  return { tenant, account: `${tenant}\0guest`, userId: null }
}

/** Returns the caller as an owner. */
export function ownerOf({ tenant, bearer }: Exchange): Owner {
  if (bearer === undefined) return guestOwner(tenant)
  return bearer.user === undefined ? clientOwner(tenant, bearer.subject) : userOwner(tenant, bearer.user.id)
}
