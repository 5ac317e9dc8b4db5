import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { errorsOf, hasKubectl, type Manifest, rendered, validator } from './kubernetes.ts'

/** The oldest version whose API has everything without a feature gate, and the newest that the schemas have. */
const VERSIONS = ['1.29', '1.37']
const here = hasKubectl()
const reader = readFileSync(resolve(import.meta.dirname, '../../deploy/kubernetes/results-reader.yaml'), 'utf8')

const parsed = (manifests: string) => parseAllDocuments(manifests).map(document => document.toJS() as Manifest)
const jobs = (manifests: Manifest[]) => manifests.filter(({ kind }) => kind === 'Job')

interface ContainerSpec {
  args?: string[]
  resources: object
  securityContext: object
}

interface PodSpec {
  automountServiceAccountToken?: boolean
  securityContext: object
  containers: ContainerSpec[]
  initContainers?: ContainerSpec[]
}

function podsOf({ kind, spec }: Manifest): PodSpec[] {
  if (kind === 'Pod') return [spec as unknown as PodSpec]
  const template = spec?.['template'] as { spec: PodSpec } | undefined
  return template === undefined ? [] : [template.spec]
}

describe.skipIf(!here).each(['one-place', 'two-places'])('the manifests of deploy/kubernetes/%s', name => {
  const manifests = here ? parsed(rendered(name)) : []

  it.skipIf(validator === undefined).each(VERSIONS)('are valid by the schemas of Kubernetes %s', version => {
    expect(errorsOf(rendered(name), version)).toEqual([])
  })

  it('start as many workers as the coordinator waits for', () => {
    const [coordinator, ...workers] = jobs(manifests).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    expect(workers.length).toBeGreaterThan(0)
    const completions = workers.map(({ spec }) => spec!['completions'] as number)
    expect(workers.map(({ spec }) => spec!['parallelism'])).toEqual(completions)
    const all = completions.reduce((sum, count) => sum + count, 0)
    expect(podsOf(coordinator!)[0]!.containers[0]!.args).toContain(`--workers=${all}`)
  })

  it('run every pod without privileges, and with resources', () => {
    const pods = [...manifests, ...parsed(reader)].flatMap(podsOf)
    expect(pods.length).toBeGreaterThanOrEqual(4)
    for (const { automountServiceAccountToken, securityContext, containers, initContainers = [] } of pods) {
      expect(automountServiceAccountToken).toBe(false)
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      for (const container of [...containers, ...initContainers]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(container.resources).toMatchObject({
          requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
          limits: { memory: expect.any(String) as string },
        })
      }
    }
  })

  it('keep the token of the cluster in a secret, which they do not contain', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([])
    const text = rendered(name)
    expect(text.match(/name: LOADCELL_CLUSTER_TOKEN\n\s+valueFrom:\n\s+secretKeyRef:/g)).toHaveLength(
      jobs(manifests).length + 1,
    )
  })
})

describe.skipIf(!here || validator === undefined)('the check of the manifests', () => {
  it('accepts the pod that results are copied from', () => {
    expect(errorsOf(reader, VERSIONS[0]!)).toEqual([])
  })

  it('notices a field that is misspelt or has the wrong type', () => {
    const wrong = rendered('one-place').replace('completionMode: Indexed', 'completionMood: Indexed')
    expect(errorsOf(wrong, VERSIONS[0]!).join('\n')).toMatch(/Job workers: .*completionMood/)
    const text = rendered('one-place').replace('completions: 4', 'completions: "4"')
    expect(errorsOf(text, VERSIONS[0]!).join('\n')).toMatch(/Job workers: spec.completions: '4' is not of type/)
  })
})
