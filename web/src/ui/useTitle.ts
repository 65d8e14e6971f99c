import { useEffect } from 'react'

/** The name of the tab while this is shown. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Voronka` : 'Voronka'
  }, [title])
}
