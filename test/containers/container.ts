import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers'

type Engine = Awaited<ReturnType<typeof getContainerRuntimeClient>>

export interface State {
  running: boolean
  /** The kernel killed it because it went past its memory limit. */
  outOfMemory: boolean
  health: string | undefined
}

/** A container that may be killed and started again; its ports on this machine change when it is. */
export interface Container {
  docker: ReturnType<Engine['container']['getById']>
  state(): Promise<State>
  /** Returns the URL of a port of the container, as this machine reaches it now. */
  url(port: number): Promise<string>
  exec(...command: string[]): Promise<string>
  /** Lines it has written so far. */
  lines(): Promise<string[]>
  remove(): Promise<void>
}

export async function containerOf(started: StartedTestContainer): Promise<Container> {
  const { container: client } = await getContainerRuntimeClient()
  const docker = client.getById(started.getId())
  return {
    docker,
    async state() {
      const { State } = await docker.inspect()
      return { running: State.Running, outOfMemory: State.OOMKilled, health: State.Health?.Status }
    },
    async url(port) {
      const { NetworkSettings } = await docker.inspect()
      const binding = NetworkSettings.Ports[`${port}/tcp`]?.[0]
      if (binding === undefined) throw new Error(`port ${port} of the container is not bound`)
      return `http://${started.getHost()}:${binding.HostPort}`
    },
    exec: async (...command) => (await started.exec(command)).output.trim(),
    async lines() {
      const log = await docker.logs({ stdout: true, stderr: true, follow: false })
      return textOf(log)
        .split('\n')
        .filter(line => line !== '')
    },
    remove: () => docker.remove({ force: true, v: true }),
  }
}

/** The engine puts a head of eight bytes before each piece, which ends with its length. */
function textOf(log: Buffer): string {
  let text = ''
  for (let at = 0; at < log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4)
    text += log.toString('utf8', at + 8, end)
    at = end
  }
  return text
}
