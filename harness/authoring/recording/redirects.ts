import type { RecordedRequest } from './entry.ts'

/** Most hops that are followed, as by the client. */
const MOST_HOPS = 20

/** A request as a scenario sends it: the client follows its redirects. */
export interface FollowedRequest {
  request: RecordedRequest
  /** The last response after all redirects; that of the request itself if there were none. */
  final: RecordedRequest
  /** Responses on the way, with the last. */
  responses: readonly RecordedRequest[]
  /** Whether the redirect leads out of what the scenario repeats, and so is not followed. */
  isManual: boolean
}

/** Joins requests that were redirected with the requests that followed. */
export function joinRedirects(requests: readonly RecordedRequest[]): FollowedRequest[] {
  const followed = new Set<RecordedRequest>()
  return requests.flatMap((request, at) => {
    if (followed.has(request)) return []
    let final = request
    const responses = [request]
    for (let hops = 0; final.location !== undefined && hops < MOST_HOPS; hops++) {
      const { href } = final.location
      const next = requests
        .slice(at + 1)
        .find(each => withoutHash(each.url) === withoutHash(new URL(href)) && !followed.has(each))
      if (next === undefined) break
      followed.add(next)
      final = next
      responses.push(next)
    }
    return [{ request, final, responses, isManual: final.location !== undefined }]
  })
}

function withoutHash({ origin, pathname, search }: URL): string {
  return origin + pathname + search
}
