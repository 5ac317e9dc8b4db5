import { clientOwner, guestOwner, type Owner, userOwner } from '../domain/owner.ts'
import type { Exchange } from '../http/exchange.ts'

/** Returns the caller as an owner. */
export function ownerOf({ tenant, bearer }: Exchange): Owner {
  if (bearer === undefined) return guestOwner(tenant)
  return bearer.user === undefined ? clientOwner(tenant, bearer.subject) : userOwner(tenant, bearer.user.id)
}
