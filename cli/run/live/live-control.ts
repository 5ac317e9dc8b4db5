import { systemClock } from '../../../core/clock.ts'
import { concealUrl } from '../../../harness/client/address/url-credentials.ts'
import { ControlServer } from '../../../harness/live-control/control-server.ts'
import { ControlledRun } from '../../../harness/live-control/controlled-run.ts'
import { NoSocketFolder, ownSocketFolder, socketPath } from '../../../harness/live-control/socket-folder.ts'

import type { Stops } from '../../process/stops.ts'

/** The run of this process under the control of `loadcell ctl`. */
export class LiveControl {
  readonly controls: ControlledRun
  #server: ControlServer | undefined

  constructor(run: { id: string; scenario: string; targetUrl: string }) {
    const targetUrl = concealUrl(run.targetUrl)
    this.controls = new ControlledRun({
      ...run,
      targetUrl,
      folder: process.cwd(),
      since: Math.round(systemClock.wallTime()),
    })
  }

  /** Listens for commands. If that is impossible, the run goes on without, and the user is told. */
  async open(env: NodeJS.ProcessEnv, tell: (note: string) => void): Promise<void> {
    try {
      this.#server = await ControlServer.open(socketPath(ownSocketFolder(env), process.pid), this.controls)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!(error instanceof NoSocketFolder) && code === undefined) throw error
      tell(`\`loadcell ctl\` cannot control this run: ${(error as Error).message}`)
    }
  }

  /** Returns the stops of the run: those of the process, and those of live control. */
  stops({ graceful, atOnce }: Stops): Stops {
    const { stopped, killed } = this.controls
    return { graceful: AbortSignal.any([graceful, stopped]), atOnce: AbortSignal.any([atOnce, killed]) }
  }

  close(): void {
    this.#server?.close()
  }
}
