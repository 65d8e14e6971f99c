import { refusal } from './http'
import { ApiProblem } from './problem'

/**
 * A file is sent as it is; refusals are thrown as by `api`. `tell` hears the share that has gone out, from 0 to 1:
 * only XMLHttpRequest knows it.
 */
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
      const { status, responseText } = request
      if (status >= 200 && status < 300) return resolve(JSON.parse(responseText) as T)
      const told = ['content-type', 'retry-after'].map((name) => [name, request.getResponseHeader(name) ?? ''])
      reject(await refusal(new Response(responseText, { status, headers: Object.fromEntries(told) })))
    }
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}
