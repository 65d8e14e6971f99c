import type { DragDropContext, Draggable, Droppable } from '@hello-pangea/dnd'
import { createContext, useEffect, useState } from 'react'
import type { Card } from './board'

/** What makes deals movable; it weighs more than the board and comes once that is drawn. */
export interface Dragging {
  DragDropContext: typeof DragDropContext
  Droppable: typeof Droppable
  Draggable: typeof Draggable
}

/** Null while deals only stand there. */
export const DraggingContext = createContext<Dragging | null>(null)

/** Asks where a deal goes; null where it may not be moved. */
export const AskingContext = createContext<((card: Card) => void) | null>(null)

/** The parts as soon as they are here; they are not fetched before something can be moved. */
export function useDragging(wanted: boolean): Dragging | null {
  const [parts, setParts] = useState<Dragging | null>(null)
  useEffect(() => {
    if (!wanted) return
    let left = false
    import('@hello-pangea/dnd').then(({ DragDropContext, Droppable, Draggable }) => {
      if (!left) setParts({ DragDropContext, Droppable, Draggable })
    })
    return () => {
      left = true
    }
  }, [wanted])
  return parts
}
