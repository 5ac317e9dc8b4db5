/** Why a run ended early: a command by live control. */
export class LiveStop extends Error {
  constructor(kind: 'stop' | 'abort') {
    super(`The run was ended by live control (${kind}) before its planned end.`)
  }
}
