/** Returns what a function returns. An exception becomes a rejection, without a promise where there is none. */
export function rejecting<T>(work: () => T): T | Promise<never> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
}
