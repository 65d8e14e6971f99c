import { sessionIsOver } from './http'
import { ApiProblem, problemOf } from './problem'

/** A file on its way to the server. `share` goes from 0 to 1; only XMLHttpRequest tells how much has left. */
export function upload<T>(
  path: string,
  file: Blob,
  headers: Record<string, string>,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => tell(total ? loaded / total : 0)
    request.onerror = () => reject(new ApiProblem(0, navigator.onLine ? 'unreachable' : 'offline'))
    request.onabort = () => reject(signal.reason)
    request.onload = async () => {
      if (request.status >= 200 && request.status < 300) return resolve(JSON.parse(request.responseText) as T)
      const wait = request.getResponseHeader('retry-after')
      const answer = new Response(request.responseText, {
        status: request.status,
        headers: wait ? { 'retry-after': wait } : {},
      })
      const problem = await problemOf(answer)
      if (problem.status === 401) sessionIsOver()
      reject(problem)
    }
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}
