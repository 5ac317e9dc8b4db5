import { mkdirSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { ChildProcessLink, channelToChild } from '../../../harness/bus/child-process-link.ts'
import type { UnpackedBundle } from '../../../harness/bundle/unpacked-bundle.ts'
import type { HostedProcess } from '../../../harness/cluster/hosted-run.ts'
import { asText } from '../../../harness/cluster/text-codec.ts'
import { forkWorker } from '../workers/child-workers.ts'

/** Starts the process of a share. Its working directory is that of the coordinator, as far as it was shipped. */
export function startShare({ moved }: UnpackedBundle, place: string | undefined): HostedProcess {
  const within = relative(moved.root, moved.folder)
  const folder = within.startsWith('..') || isAbsolute(within) ? moved.place : join(moved.place, within)
  mkdirSync(folder, { recursive: true })
  const child = forkWorker({ folder, place })
  return {
    link: new ChildProcessLink(channelToChild(child), asText),
    kill: () => void child.kill('SIGKILL'),
  }
}
