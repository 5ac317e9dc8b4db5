import { env } from 'node:process'
import { readVariables } from '../../../harness/scenario/environment.ts'
import type { WorkerJob } from '../workers/worker-job.ts'

/** Variables that change what a scenario is, beside those that it reads itself. */
const SHIPPED = /^LOADCELL_VAR_|^LOADCELL_KEY_PASSPHRASE$/

/** Flags about the way to the cluster, with credentials and files of this machine. */
const secret = ['cluster', 'clusterCreds', 'clusterNkey', 'clusterCa', 'clusterCert', 'clusterKey'] as const

/** Returns the job as other machines get it: without the credentials of the cluster, and with the variables that the scenario may read. */
export function shippedJob({ flags, ...job }: WorkerJob): WorkerJob {
  const names = [...readVariables, ...Object.keys(env).filter(name => SHIPPED.test(name))]
  const environment = Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))
  const shipped = { ...flags }
  for (const name of secret) delete shipped[name]
  return { ...job, flags: shipped, environment }
}
