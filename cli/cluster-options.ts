import type { Command } from 'commander'
import { parseDuration } from '../core/duration.ts'
import type { NatsFlags } from '../harness/bus/nats/nats-settings.ts'
import { clusterNameRule, isClusterName } from '../harness/cluster/cluster-subjects.ts'
import { InvalidArgumentError } from 'commander'

/** Flags of commands that use a cluster. */
export interface ClusterFlags extends Partial<NatsFlags> {
  clusterName: string
}

const DEFAULT_NAME = 'default'

/** Adds the options of a connection to NATS. @param what what the URL is for */
export function withConnectionOptions(command: Command, what: string): Command {
  return command
    .option('--cluster <url>', `${what}, e.g. nats://10.0.0.5:4222 or tls://…; several with commas between them`)
    .option(
      '--cluster-name <name>',
      'name of the cluster: only coordinators and workers of one name meet',
      clusterName,
      DEFAULT_NAME,
    )
    .option('--cluster-creds <file>', 'credentials file for NATS')
    .option('--cluster-nkey <file>', 'file with the seed of an nkey for NATS')
    .option('--cluster-ca <file>', 'authority that signed the certificate of NATS, in PEM')
    .option('--cluster-cert <file>', 'certificate that NATS asks for, in PEM')
    .option('--cluster-key <file>', 'key of that certificate, in PEM')
}

/** Adds the options of a coordinator. */
export function withClusterOptions(command: Command): Command {
  return withConnectionOptions(command, 'run on the workers of a cluster: URL of its NATS server')
    .option('--cluster-wait <duration>', 'time for all workers to come', duration, 60_000)
    .option(
      '--cluster-lost-after <duration>',
      'a worker, or the coordinator, counts as lost after this time without a sign of life',
      duration,
      10_000,
    )
    .option('--ship <path>', 'ship this file or folder to the workers with the scenario; may be repeated', collect, [])
    .option('--bundle-limit <MiB>', 'limit of the scenario and its files that are shipped', mebibytes, 64)
}

/** Flags of a coordinator. */
export interface CoordinatorFlags extends ClusterFlags {
  clusterWait: number
  clusterLostAfter: number
  ship: string[]
  bundleLimit: number
}

export const clusterHelp = `
Credentials of NATS: in the URL (nats://user:password@host or nats://token@host), or in LOADCELL_CLUSTER_TOKEN, or in LOADCELL_CLUSTER_USER and
LOADCELL_CLUSTER_PASSWORD, or in a file. They are never shown. docs/scaling.md shows how to start a cluster.`

function clusterName(text: string): string {
  if (isClusterName(text)) return text
  throw new InvalidArgumentError(`expected ${clusterNameRule}, got ${JSON.stringify(text)}`)
}

function duration(text: string): number {
  let ms: number
  try {
    ms = parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
  if (ms >= 1000 && ms <= 3_600_000) return ms
  throw new InvalidArgumentError(`expected a duration from 1s to 1h, got ${JSON.stringify(text)}`)
}

function mebibytes(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1024) return value
  throw new InvalidArgumentError(`expected a number of MiB from 1 to 1024, got ${JSON.stringify(text)}`)
}

function collect(text: string, others: string[]): string[] {
  return [...others, text]
}
