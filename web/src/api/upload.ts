import { refusal } from './http'
import { ApiProblem } from './problem'

interface Told {
  /** The share that has gone out, from 0 to 1. */
  onProgress: (share: number) => void
  signal: AbortSignal
}

/** A file is sent as it is; refusals are thrown as by `api`. (Only XMLHttpRequest tells how much has gone out.) */
export function upload(path: string, file: Blob, key: string, { onProgress, signal }: Told): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.setRequestHeader('Idempotency-Key', key)
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    request.onload = async () => {
      if (request.status < 400) return done()
      const type = request.getResponseHeader('content-type') ?? ''
      failed(
        await refusal(
          new Response(request.responseText, { status: request.status, headers: { 'content-type': type } }),
        ),
      )
    }
    request.onerror = () => failed(new ApiProblem(0, navigator.onLine ? 'unreachable' : 'offline'))
    request.onabort = () => failed(signal.reason)
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}
