import { hostname } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { LONGEST_NAME } from '../../../harness/cluster/cluster-subjects.ts'
import { place } from '../../options/arguments.ts'
import type { Interrupts } from '../../process/interrupts.ts'
import { type ClusterFlags, clusterHelp, withConnectionOptions } from '../../options/cluster-options.ts'

/** Flags of `loadcell worker`. */
export interface WorkerFlags extends ClusterFlags {
  name: string
  place?: string
  once?: true
}

export function workerCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('worker').description(
    'Wait for runs of a cluster, and drive a share of each: a worker for each process, on as many machines as there are.',
  )
  return withConnectionOptions(command, 'URL of the NATS server where it waits')
    .option('--name <name>', 'its name in messages and reports', workerName, hostname())
    .option('--place <name>', 'where it is, such as eu-west: a tag of its samples', place)
    .option('--once', 'end after one run, with 0 if it was complete')
    .addHelpText(
      'after',
      `
Examples:
  nats-server -js                                                the bus, on any machine that all others reach
  loadcell worker --cluster nats://10.0.0.5:4222                 on each machine; several on one that has several cores
  loadcell worker --cluster nats://10.0.0.5:4222 --place eu-west --once
  loadcell run shop --cluster nats://10.0.0.5:4222 --workers 8 --target http://10.0.0.7:8080

A worker runs what a coordinator sends: give access to NATS only to those who may run programs on it.
Ctrl-C (or SIGTERM) ends a worker that waits. One that works leaves its run, which counts it as lost.
${clusterHelp}

Exit codes:
  0    it was interrupted while it waited, or with --once its run was complete
  98   with --once: its run did not begin, or it was lost to the run
  104  an option, the cluster or its credentials cannot be used
  105  interrupted in mid-run
  1    a defect of Loadcell itself`,
    )
    .action(async (flags: WorkerFlags) => {
      // Loaded only when it is needed.
      const { serveCluster } = await import('./worker.ts')
      await serveCluster(flags, version, interrupts)
    })
}

/** Nobody would hear of a worker whose name fits into no message. @throws InvalidArgumentError */
function workerName(text: string): string {
  if (text !== '' && text.length <= LONGEST_NAME) return text
  throw new InvalidArgumentError(`expected a name of 1 to ${LONGEST_NAME} characters, got ${text.length}`)
}
