/**
 * Colleagues work on the same tasks at the same time, and clean up after themselves.
 *
 * A change names the version that it is based on (`If-Match` with the task's ETag). A client with an old version gets a 412 instead of
 * overwriting the work of others. It reads the task again and repeats the change, so no update is ever lost. `end` deletes what its
 * user has created, also after a failure, so that the next run finds the same data.
 */
import { between, type Context, type Page, randomInteger, scenario, type Task, user } from 'loadcell'

const PROJECTS = [2001, 2002, 2003]
const ASSIGNEES = [301, 302, 303]

interface Own {
  /** Paths of the tasks that this user has created and not yet deleted. */
  paths: string[]
}

/** Changes the newest version of a task, even if others change it at the same time. */
async function change({ http, sleep, check }: Context<Own>, path: string, fields: Partial<Task>): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await http.get(path, { expect: [200, 404] })
    if (before.status !== 200) return
    // People take time between reading and changing.
    await sleep('20ms')
    const headers = { 'If-Match': String(before.headers['etag']) }
    const after = await http.patch(path, { json: fields, headers, expect: [200, 404, 412] })
    if (after.status === 412) continue
    if (after.status === 200) {
      check([before, after], {
        'is the one asked for': tasks => tasks.every(each => path.endsWith(`/${each.json<Task>().id}`)),
      })
      const versions = [before, after].map(response => response.json<Task>().version) as [number, number]
      check(versions, { 'lies on top of what was read': ([read, written]) => written <= read + 1 })
    }
    return
  }
}

export default scenario({
  description:
    'Colleagues make, change, list and delete tasks; two of three changes are to tasks that others change too.',

  load: { executor: 'constant-vus', vus: 25, duration: '20s' },
  needs: { duration: '5s', peak: 10, because: 'changes collide only if enough people make them for long enough' },

  users: [
    user<Own>('colleague', {
      think: between('50ms', '250ms'),
      begin: () => ({ paths: [] }),
      tasks: {
        'make one': {
          weight: 2,
          async run({ http, random, state, check }) {
            const project_id = PROJECTS[randomInteger(random, PROJECTS.length)]
            const made = await http.post('/api/v1/tasks', { json: { title: 'Count the load cells', project_id } })
            check(made, { 'is made': ({ status }) => status === 201 })
            if (made.ok) state.paths.push(String(made.headers['location']))
          },
        },
        'change my own': {
          weight: 1,
          async run(context) {
            const path = context.state.paths.at(-1)
            if (path !== undefined) await change(context, path, { status: 'in_progress' })
          },
        },
        'change one of all': {
          weight: 2,
          async run(context) {
            // The first tasks exist from the start, and everybody changes the same few.
            const path = `/api/v1/tasks/${1 + randomInteger(context.random, 5)}`
            await change(context, path, { assignee_id: ASSIGNEES[randomInteger(context.random, 3)] })
          },
        },
        'list a project': {
          weight: 3,
          async run({ http, random, check }) {
            const project_id = PROJECTS[randomInteger(random, PROJECTS.length)]
            const list = await http.get(`/api/v1/tasks?project_id=${project_id}&status=open&limit=20`)
            check(list, {
              'is as long as it says': response => {
                if (!response.ok) return false
                const { items, total } = response.json<Page<Task>>()
                return items.length === Math.min(20, total)
              },
              'has what was asked for': response =>
                response.ok &&
                response
                  .json<Page<Task>>()
                  .items.every(task => task.project_id === project_id && task.status === 'open'),
            })
          },
        },
        'delete the oldest': {
          weight: 1,
          async run({ http, state, check }) {
            const path = state.paths.shift()
            if (path === undefined) return
            await http.delete(path, { expect: 204 })
            check(await http.get(path, { expect: 404 }), { 'is gone': ({ status }) => status === 404 })
          },
        },
      },
      async end({ http, state }) {
        for (const path of state.paths) await http.delete(path, { expect: 204 })
      },
    }),
  ],

  thresholds: {
    'http_req_duration{method:PATCH}': ['p(95)<200'],
    // A pause of the service holds up each user once, which no p(95) shows.
    http_req_duration: ['p(99)<1000'],
    // Prevented lost updates. Without any, this scenario would show nothing.
    'http_reqs{status:412}': ['count>0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
