/** Users that need not be listed: one for each run of digits that an address may have. */
export interface UserPattern {
  /** The id of the user with this address, in lower case; undefined when it does not fit. */
  idOf(email: string): number | undefined
}

const DIGITS = '<digits>'
const MOST_DIGITS = 12
/** Below are the ids of listed users. */
const FIRST_ID = 1_000_000
/** The ids of a pattern: more than `1` followed by as many digits as there may be. */
const IDS_A_PATTERN = 10 ** (MOST_DIGITS + 1)

/**
 * @param email with `<digits>` in it
 * @param index its place among the patterns
 */
export function userPattern(email: string, index: number): UserPattern {
  const [before = '', after = ''] = email.toLowerCase().split(DIGITS)
  return {
    idOf(shown) {
      if (!shown.startsWith(before) || !shown.endsWith(after)) return undefined
      const digits = shown.slice(before.length, shown.length - after.length)
      if (!/^\d{1,12}$/.test(digits)) return undefined
      // The 1 in front keeps 7 and 007 apart.
      return FIRST_ID + index * IDS_A_PATTERN + Number(`1${digits}`)
    },
  }
}
