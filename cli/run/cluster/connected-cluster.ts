import type { BundleStore, MessageBus } from '../../../harness/bus/message-bus.ts'
import { ClusterUnavailable } from '../../../harness/bus/message-bus.ts'
import { JetstreamStore } from '../../../harness/bus/nats/jetstream-store.ts'
import { NatsBus } from '../../../harness/bus/nats/nats-bus.ts'
import { loadNatsPackages } from '../../../harness/bus/nats/nats-packages.ts'
import { type NatsFlags, readNatsSettings } from '../../../harness/bus/nats/nats-settings.ts'
import { ClusterSubjects } from '../../../harness/cluster/cluster-subjects.ts'
import { plain } from '../../../harness/report/terminal.ts'
import { InputError } from '../../process/input-error.ts'

/** A cluster whose bus works. */
export interface ConnectedCluster {
  bus: MessageBus
  store: BundleStore
  subjects: ClusterSubjects
  close(): Promise<void>
}

export interface ConnectOptions {
  clusterName: string
  /** Name that the NATS server shows. */
  name: string
  env: NodeJS.ProcessEnv
  tell: (note: string) => void
}

/** @throws ClusterUnavailable */
export async function connectCluster(
  flags: NatsFlags,
  { clusterName, name, env, tell }: ConnectOptions,
): Promise<ConnectedCluster> {
  const subjects = new ClusterSubjects(clusterName)
  const packages = await loadNatsPackages()
  const bus = await NatsBus.connect(readNatsSettings(flags, env), packages, { name, tell })
  try {
    await bus.expectPermission(subjects.prefix)
  } catch (error) {
    await bus.close()
    throw error
  }
  const store = new JetstreamStore(bus, subjects.bundle)
  return { bus, store, subjects, close: () => bus.close() }
}

/** Returns the error for people. */
export function asInputError(error: unknown): unknown {
  return error instanceof ClusterUnavailable ? new InputError(lines(error.message), error.nextStep) : error
}

/** Keeps the lines of a list, whose contents may come from others. */
function lines(message: string): string {
  return message.split('\n').map(plain).join('\n')
}
