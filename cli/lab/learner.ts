import { userInfo } from 'node:os'

/** Returns the user of this machine. In a container, it may have no name. */
export function learnerName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
