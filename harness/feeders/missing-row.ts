/** A user that has no row in a file that gives each user one of its own. The load is then not the one that was planned. */
export class MissingRow extends Error {
  constructor(file: string, { rows, user }: { rows: number; user: number }) {
    super(`${file}: expected a row for each user, got ${rows} rows and a user ${user}`)
  }
}
