/** Whose orders or reports they are; nobody else sees them. */
export interface Owner {
  readonly tenant: string
  /** A key that no other owner of any tenant has: no name holds a NUL. */
  readonly account: string
  /** Null for guests and for clients that no user is behind. */
  readonly userId: number | null
}

export function userOwner(tenant: string, userId: number): Owner {
  return { tenant, account: `${tenant}\0user ${userId}`, userId }
}

/** @param subject of a token that is no user's */
export function clientOwner(tenant: string, subject: string): Owner {
  return { tenant, account: `${tenant}\0client ${subject}`, userId: null }
}

/** All who show no token are one owner. */
export function guestOwner(tenant: string): Owner {
  return { tenant, account: `${tenant}\0guest`, userId: null }
}
