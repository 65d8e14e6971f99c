import { useEffect, useRef, useState } from 'react'
import { isTyping } from '~/ui/keys'

const inDialog = () => document.querySelector('[role="dialog"]') !== null

/** Files that are dropped anywhere on the page or pasted into it are taken; true while some hang over the page. */
export function useArrivals(take: ((files: File[]) => void) | null): boolean {
  const [over, setOver] = useState(false)
  const latest = useRef(take)
  latest.current = take
  useEffect(() => {
    let depth = 0
    const brings = (event: DragEvent) => event.dataTransfer?.types.includes('Files') && latest.current && !inDialog()
    const entered = (event: DragEvent) => {
      if (brings(event) && ++depth === 1) setOver(true)
    }
    const left = (event: DragEvent) => {
      if (brings(event) && depth && --depth === 0) setOver(false)
    }
    const hovering = (event: DragEvent) => {
      if (brings(event)) event.preventDefault()
    }
    const dropped = (event: DragEvent) => {
      depth = 0
      setOver(false)
      if (!brings(event) || !event.dataTransfer) return
      event.preventDefault()
      latest.current?.(withoutFolders(event.dataTransfer))
    }
    const pasted = (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? [])
      const words = event.clipboardData?.types.includes('text/plain') && isTyping(event.target)
      if (!files.length || words || !latest.current || inDialog()) return
      event.preventDefault()
      latest.current(files)
    }
    const listeners = { dragenter: entered, dragleave: left, dragover: hovering, drop: dropped, paste: pasted }
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener as EventListener)
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener as EventListener)
    }
  }, [])
  return over
}

/** A folder can not be sent as a file. */
function withoutFolders({ items, files }: DataTransfer): File[] {
  const folders = Array.from(items).map((item) => item.webkitGetAsEntry?.()?.isDirectory ?? false)
  return Array.from(files).filter((_, index) => !folders[index])
}
