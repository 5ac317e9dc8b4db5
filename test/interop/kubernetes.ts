import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { pythonWith } from './python.ts'

const folder = resolve(import.meta.dirname, '../../deploy/kubernetes')

/** A part of a manifest, as far as the tests read it. */
export interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  spec?: Record<string, unknown>
  data?: Record<string, string>
}

/** Whether there is a kubectl; if not, that is said aloud. @throws Error in CI, where nothing may be skipped. */
export function hasKubectl(): boolean {
  if (spawnSync('kubectl', ['kustomize', '--help']).status === 0) return true
  const why = 'there is no kubectl, which renders the manifests'
  process.stderr.write(`\n!!! SKIPPED: ${why}. They were not validated.\n\n`)
  return false
}

/** Returns the manifests of a folder as kubectl applies them. @throws Error when it cannot render them */
export function rendered(name: string): string {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', resolve(folder, name)], { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`kubectl kustomize ${name}: ${stderr}`)
}

/** A Python with the schemas of the API of Kubernetes; undefined, with a loud note, if there is none. */
export const validator = pythonWith('kubernetes_validate', 'kubernetes-validate')

/** Returns what is wrong with each manifest by the schemas of that version, unknown fields included. */
export function errorsOf(manifests: string, version: string): string[] {
  const { status, stdout, stderr } = spawnSync(validator!, ['-c', VALIDATE, version], {
    input: manifests,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as string[]
}

const VALIDATE = `
import json, sys, warnings, yaml
warnings.simplefilter('ignore')
import kubernetes_validate
found = []
for manifest in yaml.safe_load_all(sys.stdin):
    try:
        kubernetes_validate.validate(manifest, sys.argv[1], strict=True)
    except kubernetes_validate.ValidationError as error:
        path = '.'.join(str(step) for step in error.path)
        found.append(f"{manifest['kind']} {manifest['metadata']['name']}: {path}: {error.message}")
print(json.dumps(found))
`
