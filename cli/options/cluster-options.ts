import type { Command } from 'commander'
import { parseDuration } from '../../core/duration.ts'
import type { NatsFlags } from '../../harness/bus/nats/nats-settings.ts'
import { clusterNameRule, isClusterName } from '../../harness/cluster/cluster-subjects.ts'
import { InvalidArgumentError } from 'commander'
import { InputError } from '../process/input-error.ts'

/** Flags of commands that use a cluster. */
export interface ClusterFlags extends Partial<NatsFlags> {
  clusterName?: string
}

export const DEFAULT_CLUSTER = 'default'
const DEFAULT_WAIT = '60s'
const DEFAULT_LOST_AFTER = '10s'
const DEFAULT_BUNDLE_MIB = 64

/** Adds the options of a connection to NATS. @param what what the URL is for */
export function withConnectionOptions(command: Command, what: string): Command {
  return command
    .option('--cluster <url>', `${what}, e.g. nats://10.0.0.5:4222 or tls://…; several with commas between them`)
    .option(
      '--cluster-name <name>',
      `name of the cluster: only coordinators and workers of one name meet (default: ${DEFAULT_CLUSTER})`,
      clusterName,
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
    .option('--cluster-wait <duration>', `time for all workers to come (default: ${DEFAULT_WAIT})`, duration)
    .option(
      '--cluster-lost-after <duration>',
      `a worker, or the coordinator, counts as lost after this time without a sign of life (default: ${DEFAULT_LOST_AFTER})`,
      duration,
    )
    .option('--ship <path>', 'ship this file or folder to the workers with the scenario; may be repeated', collect, [])
    .option(
      '--bundle-limit <MiB>',
      `limit of the scenario and its files that are shipped (default: ${DEFAULT_BUNDLE_MIB})`,
      mebibytes,
    )
}

/** Flags of a coordinator. */
export interface CoordinatorFlags extends ClusterFlags {
  clusterWait?: number
  clusterLostAfter?: number
  ship: string[]
  bundleLimit?: number
}

/** Returns what these flags say, with defaults. */
export function clusterSettings({ clusterName, clusterWait, clusterLostAfter, bundleLimit }: CoordinatorFlags) {
  return {
    clusterName: clusterName ?? DEFAULT_CLUSTER,
    waitMs: clusterWait ?? parseDuration(DEFAULT_WAIT),
    lostAfterMs: clusterLostAfter ?? parseDuration(DEFAULT_LOST_AFTER),
    mostBytes: (bundleLimit ?? DEFAULT_BUNDLE_MIB) * MEBIBYTE,
  }
}

/** @throws InputError for options that mean nothing without a cluster */
export function expectCluster(flags: CoordinatorFlags): void {
  if (flags.cluster !== undefined) return
  const given = ofCluster.filter(({ key }) => (key === 'ship' ? flags.ship.length > 0 : flags[key] !== undefined))
  if (given.length === 0) return
  throw new InputError(
    `${given.map(({ flag }) => flag).join(' and ')}: there is no cluster`,
    'Give its NATS server with --cluster, or leave it out.',
  )
}

const MEBIBYTE = 2 ** 20
const ofCluster = [
  { key: 'clusterName', flag: '--cluster-name' },
  { key: 'clusterCreds', flag: '--cluster-creds' },
  { key: 'clusterNkey', flag: '--cluster-nkey' },
  { key: 'clusterCa', flag: '--cluster-ca' },
  { key: 'clusterCert', flag: '--cluster-cert' },
  { key: 'clusterKey', flag: '--cluster-key' },
  { key: 'clusterWait', flag: '--cluster-wait' },
  { key: 'clusterLostAfter', flag: '--cluster-lost-after' },
  { key: 'ship', flag: '--ship' },
  { key: 'bundleLimit', flag: '--bundle-limit' },
] as const

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
